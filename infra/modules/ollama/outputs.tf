output "base_url" {
  description = "For `providers.ollama.base_url`."
  value       = "https://${local.host_name}:${var.port}"
}

output "ca_parameter_name" {
  description = "Parameter with the certificate of the host's authority, written by the first host."
  value       = aws_ssm_parameter.authority.name
}

output "ca_pem" {
  description = "That certificate, for `providers.ollama.ca`; null until the first host has written it. Then plan and apply once more."
  value       = startswith(aws_ssm_parameter.authority.insecure_value, "-----BEGIN CERTIFICATE-----") ? aws_ssm_parameter.authority.insecure_value : null
}

output "session_document_name" {
  description = "Document of logged sessions, for `aws ssm start-session --target INSTANCE --document-name …`."
  value       = aws_ssm_document.session.name
}

output "session_policy_arn" {
  description = "Policy for operators: sessions on this host by that document, and by no other unless another policy of theirs says so."
  value       = aws_iam_policy.session.arn
}

output "secret_arns" {
  description = "Secrets that the host reads through the VPC endpoint."
  value       = [var.token_secret_arn, aws_secretsmanager_secret.authority.arn]
}
