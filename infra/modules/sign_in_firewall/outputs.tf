output "metric_name" {
  description = "Name of the web ACL in its metrics."
  value       = local.full_name
}
