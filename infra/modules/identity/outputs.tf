output "user_pool_id" {
  description = "The user pool's id."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "The user pool's ARN."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "Id of the people's client."
  value       = aws_cognito_user_pool_client.people.id
}

output "machine_client_ids" {
  description = "Id of each machine client by its name. Its secret is read with `aws cognito-idp describe-user-pool-client`."
  value       = { for name, client in aws_cognito_user_pool_client.machine : name => client.id }
}

output "issuer" {
  description = "The issuer that tokens carry."
  value       = local.issuer
}

output "jwks_url" {
  description = "Where the keys are with which tokens are verified."
  value       = "${local.issuer}/.well-known/jwks.json"
}

output "domain_url" {
  description = "Where the sign-in pages and the token endpoint are; null without a domain_prefix."
  value       = var.domain_prefix == null ? null : "https://${var.domain_prefix}.auth.${data.aws_region.current.region}.amazoncognito.com"
}
