output "base_url" {
  description = "URL of the host, for `providers.ollama.base_url`."
  value       = "https://${local.host_name}:${var.port}"
}

output "ca_parameter_name" {
  description = "Name of the parameter to which the first host writes the certificate of its authority."
  value       = aws_ssm_parameter.authority.name
}

output "ca_pem" {
  description = "That certificate, for `providers.ollama.ca`; null until the first host has written it and Terraform has been applied again."
  value       = startswith(aws_ssm_parameter.authority.insecure_value, "-----BEGIN CERTIFICATE-----") ? aws_ssm_parameter.authority.insecure_value : null
}

output "session_document_name" {
  description = "Name of the document of logged sessions, for `aws ssm start-session --target INSTANCE --document-name …`."
  value       = aws_ssm_document.session.name
}

output "session_policy_arn" {
  description = "ARN of the policy for operators that permits sessions on this host with that document only."
  value       = aws_iam_policy.session.arn
}

output "secret_arns" {
  description = "ARNs of the secrets that the host reads through the VPC endpoint."
  value       = [var.token_secret_arn, aws_secretsmanager_secret.authority.arn]
}

output "metrics" {
  description = "Where the host's metrics are: namespace, their dimension Host, the host's group, and whether it has a graphics card."
  value       = { namespace = local.namespace, host = local.metrics_host, group = local.metrics_host, gpu = local.gpu }
}
