locals {
  alarms = {
    serving = {
      description = "The Ollama host has not served for 20 minutes. It does not start to serve until its secret contains a token; any other reason is in the console output of the group's instances and in the group's activity history."
      metric      = "Serving"
      dimensions  = {}
      comparison  = "LessThanThreshold"
      threshold   = 1
      periods     = 4 # a replacement host needs less
      missing     = "breaching"
    }
    memory = {
      description = "More than ${var.alarm_thresholds.memory_percent} % of the Ollama host's memory is used: choose a smaller model or a larger instance type."
      metric      = "mem_used_percent"
      dimensions  = {}
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_thresholds.memory_percent
      periods     = 3
      missing     = "notBreaching" # the alarm above fires then
    }
    disk = {
      description = "More than ${var.alarm_thresholds.disk_percent} % of the Ollama host's disk is used: choose fewer models or a larger volume."
      metric      = "disk_used_percent"
      dimensions  = { path = "/", fstype = "xfs" }
      comparison  = "GreaterThanThreshold"
      threshold   = var.alarm_thresholds.disk_percent
      periods     = 3
      missing     = "notBreaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "host" {
  for_each = local.alarms

  alarm_name          = "${var.name}-ollama-${each.key}"
  alarm_description   = each.value.description
  namespace           = local.namespace
  metric_name         = each.value.metric
  dimensions          = merge(each.value.dimensions, { Host = local.metrics_host })
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
