output "base_url" {
  description = "Where clients send requests; routes are appended to it. Null without default_endpoint."
  value       = var.default_endpoint ? aws_apigatewayv2_api.this.api_endpoint : null
}

output "api_id" {
  description = "Id of the API and dimension ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "stage_name" {
  description = "Name of the stage and dimension Stage of its metrics."
  value       = aws_apigatewayv2_stage.this.name
}
