output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "version" {
  description = "Number of the newest published version."
  value       = aws_lambda_function.this.version
}

output "alias_name" {
  description = "Name of the alias that the front doors invoke."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "ARN of the alias, for target groups and permissions."
  value       = aws_lambda_alias.live.arn
}

output "log_group_name" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}
