output "base_url" {
  description = "URL to which clients append the route of a stream."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "api_name" {
  description = "Name of the API, and the dimension ApiName of its metrics."
  value       = aws_api_gateway_rest_api.this.name
}
