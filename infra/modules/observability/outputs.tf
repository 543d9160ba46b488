output "topic_arn" {
  description = "ARN of the topic that every alarm publishes to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.metric : alarm.alarm_name], [aws_cloudwatch_metric_alarm.error_rate.alarm_name]))
}
