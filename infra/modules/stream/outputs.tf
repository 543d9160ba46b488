output "base_url" {
  description = "URL to which clients append the route of a stream; null without default_endpoint."
  value       = var.default_endpoint ? aws_api_gateway_stage.this.invoke_url : null
}

output "api_id" {
  description = "Id of the API."
  value       = aws_api_gateway_rest_api.this.id
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "api_name" {
  description = "Name of the API, and the dimension ApiName of its metrics."
  value       = aws_api_gateway_rest_api.this.name
}

output "access_log_group_name" {
  description = "Name of the log group of the access log."
  value       = aws_cloudwatch_log_group.access.name
}
