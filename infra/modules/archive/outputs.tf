output "rule_name" {
  description = "Name of the rule that asks for the manifest."
  value       = aws_cloudwatch_event_rule.manifest.name
}
