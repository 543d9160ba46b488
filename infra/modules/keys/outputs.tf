output "data_key_arn" {
  description = "ARN of the key that encrypts the table, secrets, parameters, function environments, queues and the audit bucket."
  value       = aws_kms_key.data.arn
}

output "logs_key_arn" {
  description = "ARN of the key that encrypts CloudWatch log groups and the alarms' topic."
  value       = aws_kms_key.logs.arn
}
