output "topic_arn" {
  description = "ARN of the topic that every alarm publishes to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of the alarms, except those of the Ollama host."
  value       = concat(values(aws_cloudwatch_metric_alarm.metric)[*].alarm_name, values(aws_cloudwatch_metric_alarm.error_rate)[*].alarm_name, values(aws_cloudwatch_metric_alarm.sum)[*].alarm_name)
}
