output "host_name" {
  description = "The host's name inside the VPC."
  value       = local.host_name
}

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

output "role_arn" {
  description = "ARN of the host's role: a reader of the token's secret."
  value       = aws_iam_role.host.arn
}

output "asg_name" {
  description = "Name of the group of one."
  value       = aws_autoscaling_group.host.name
}

output "session_document_name" {
  description = "For `aws ssm start-session --target INSTANCE --document-name …`."
  value       = aws_ssm_document.session.name
}

output "session_policy_arn" {
  description = "Policy for operators: logged sessions on this host."
  value       = aws_iam_policy.session.arn
}

output "secret_arns" {
  description = "Secrets that the host reads through the VPC endpoint."
  value       = [var.token_secret_arn, aws_secretsmanager_secret.authority.arn]
}
