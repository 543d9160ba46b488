output "function_name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "The function's ARN, without a version."
  value       = aws_lambda_function.this.arn
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

output "alias_invoke_arn" {
  description = "The alias's invocation ARN, for API Gateway's integrations."
  value       = aws_lambda_alias.live.invoke_arn
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "The function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "timeout_s" {
  description = "Seconds after which Lambda stops an invocation; a front door must wait at least as long."
  value       = var.timeout_s
}
