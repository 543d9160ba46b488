output "base_url" {
  description = "URL to which clients append a route; null without default_endpoint."
  value       = var.default_endpoint ? aws_apigatewayv2_api.this.api_endpoint : null
}

output "api_id" {
  description = "Id of the API, and the dimension ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "stage_name" {
  description = "Name of the stage, and the dimension Stage of its metrics."
  value       = aws_apigatewayv2_stage.this.name
}

output "access_log_group_name" {
  description = "Name of the log group of the access log."
  value       = aws_cloudwatch_log_group.access.name
}
