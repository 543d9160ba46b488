output "url" {
  description = "URL to which clients connect."
  value       = aws_apigatewayv2_stage.this.invoke_url
}

# These two depend on the API only, because the functions behind the stage receive them before the stage exists.
output "id" {
  description = "Id of the API, and the dimension ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "management_url" {
  description = "URL to which functions post frames for connections."
  value       = "https://${aws_apigatewayv2_api.this.id}.execute-api.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${var.stage_name}"
}

output "stage_name" {
  description = "Name of the stage."
  value       = aws_apigatewayv2_stage.this.name
}

output "access_log_group_name" {
  description = "Name of the log group of the access log."
  value       = aws_cloudwatch_log_group.access.name
}
