output "arns" {
  description = "ARN of each secret by its short name."
  value       = { for secret in var.secrets : secret => aws_secretsmanager_secret.this[secret].arn }
}

output "name_prefix" {
  description = "Prefix of a secret's name before its short name."
  value       = local.name_prefix
}
