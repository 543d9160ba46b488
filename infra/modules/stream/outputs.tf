output "base_url" {
  description = "Where clients ask for streams; routes are appended to it."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "api_name" {
  description = "Name of the API and dimension ApiName of its metrics."
  value       = aws_api_gateway_rest_api.this.name
}
