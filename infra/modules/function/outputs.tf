output "function_name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "version" {
  description = "The newest published version."
  value       = aws_lambda_function.this.version
}

output "alias_name" {
  description = "The alias that the front doors call."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "The alias's ARN, for target groups and permissions."
  value       = aws_lambda_alias.live.arn
}

output "log_group_name" {
  description = "The function's log group."
  value       = aws_cloudwatch_log_group.this.name
}
