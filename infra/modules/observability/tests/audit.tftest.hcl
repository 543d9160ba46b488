# Policy and the audit trail.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:openclaw-prod-alarms" }
  }
}

variables {
  name          = "openclaw-prod"
  kms_key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  front_door    = "alb"
  front_door_id = "app/openclaw-prod/0123456789abcdef"
  functions = {
    agent   = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent" }
    archive = { function_name = "openclaw-prod-archive", log_group_name = "/aws/lambda/openclaw-prod-archive", asynchronous = true }
  }
  archive                   = { function = "archive", rule_name = "openclaw-prod-audit-manifest" }
  account_concurrency_limit = 1000
  table                     = { name = "openclaw-prod", indexes = ["GSI1"] }
}

run "alarms" {
  command = plan

  assert {
    condition = jsonencode({ for name, a in aws_cloudwatch_metric_alarm.metric : name => [a.namespace, a.metric_name, a.dimensions, a.statistic, a.period, a.evaluation_periods, a.comparison_operator, a.threshold] if startswith(name, "audit-") || name == "policy-denials" }) == jsonencode({
      audit-behind       = ["AWS/Lambda", "IteratorAge", { FunctionName = "openclaw-prod-archive" }, "Maximum", 60, 1, "GreaterThanThreshold", 300000]
      audit-chain-broken = ["OpenClaw/openclaw-prod", "AuditChainBroken", {}, "Sum", 60, 1, "GreaterThanThreshold", 0]
      audit-unreadable   = ["OpenClaw/openclaw-prod", "AuditUnreadable", {}, "Sum", 60, 1, "GreaterThanThreshold", 0]
      audit-manifest     = ["AWS/Events", "FailedInvocations", { RuleName = "openclaw-prod-audit-manifest" }, "Sum", 300, 1, "GreaterThanThreshold", 0]
      policy-denials     = ["OpenClaw/openclaw-prod", "PolicyDenials", {}, "Sum", 60, 1, "GreaterThanThreshold", 20]
    })
    error_message = "denials in a minute, an archive five minutes behind, one broken chain, one unreadable entry and one missed manifest must alarm; got ${jsonencode(aws_cloudwatch_metric_alarm.metric["policy-denials"])}"
  }
  assert {
    condition     = length(setsubtract(["errors-archive", "throttles-archive", "drops-archive"], keys(aws_cloudwatch_metric_alarm.metric))) == 0 && !contains(keys(aws_cloudwatch_metric_alarm.metric), "undelivered-archive")
    error_message = "errors, refused and dropped invocations of archive must alarm; nothing receives a record of them"
  }
  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.this["archive/AuditChainBroken"].log_group_name == "/aws/lambda/openclaw-prod-archive" && aws_cloudwatch_log_metric_filter.this["archive/AuditChainBroken"].pattern == "{ $.AuditChainBroken >= 0 }" &&
      aws_cloudwatch_log_metric_filter.this["archive/AuditUnreadable"].pattern == "{ $.AuditUnreadable >= 0 }" &&
      aws_cloudwatch_log_metric_filter.this["agent/PolicyDenials"].metric_transformation[0].namespace == "OpenClaw/openclaw-prod"
    )
    error_message = "the metrics must come from the log groups of this environment"
  }
  assert {
    condition     = one([for row in local.rows : [for graph in row.graphs : graph.metrics] if row.question == "Is the audit trail complete?"]) == [[["AWS/Lambda", "IteratorAge", "FunctionName", "openclaw-prod-archive"]], [for metric in ["Errors", "AsyncEventsDropped"] : ["AWS/Lambda", metric, "FunctionName", "openclaw-prod-archive"]], [["OpenClaw/openclaw-prod", "AuditChainBroken"], ["OpenClaw/openclaw-prod", "AuditUnreadable"]]]
    error_message = "the dashboard must show the audit trail; got ${jsonencode(local.rows)}"
  }
}

run "thresholds" {
  command = plan
  variables { thresholds = { archive_age_minutes = 30, policy_denials = 0 } }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["audit-behind"].threshold == 1800000 && aws_cloudwatch_metric_alarm.metric["policy-denials"].threshold == 0
    error_message = "the thresholds must reach the alarms"
  }
}

run "without_an_audit_trail" {
  command = plan
  variables { archive = null }

  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.metric) : name if startswith(name, "audit-")]) == 0 && length(local.audit_rows) == 0
    error_message = "there must be no alarm and no row without it"
  }
}
