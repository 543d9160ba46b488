output "user_pool_id" {
  description = "Id of the user pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the user pool."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "Id of the people's client."
  value       = aws_cognito_user_pool_client.people.id
}

output "machine_client_ids" {
  description = "Id of each machine client, by name. `aws cognito-idp describe-user-pool-client` reads its secret."
  value       = { for name, client in aws_cognito_user_pool_client.machine : name => client.id }
}

output "issuer" {
  description = "Issuer of the tokens."
  value       = local.issuer
}

output "jwks_url" {
  description = "URL of the key set with which tokens are verified."
  value       = "${local.issuer}/.well-known/jwks.json"
}

output "domain_url" {
  description = "URL of the sign-in pages and the token endpoint; null without domain_prefix."
  value       = var.domain_prefix == null ? null : "https://${var.domain_prefix}.auth.${data.aws_region.current.region}.amazoncognito.com"
}
