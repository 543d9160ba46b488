output "url" {
  description = "Where clients connect."
  value       = aws_apigatewayv2_stage.this.invoke_url
}

# By the API alone, and not by the stage: the functions behind the stage are told these before it stands.
output "id" {
  description = "Id of the API and dimension ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "management_url" {
  description = "Where functions post frames to connections."
  value       = "https://${aws_apigatewayv2_api.this.id}.execute-api.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${var.stage_name}"
}
