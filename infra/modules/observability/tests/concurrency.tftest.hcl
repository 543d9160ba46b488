# Alarms before a function's reserved concurrency is exhausted.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:openclaw-prod-alarms" }
  }
}

variables {
  name                      = "openclaw-prod"
  kms_key_arn               = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  front_door                = "alb"
  front_door_id             = "app/openclaw-prod/0123456789abcdef"
  account_concurrency_limit = 1000
  table                     = { name = "openclaw-prod", indexes = ["GSI1"] }
  functions = {
    agent   = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent", reserved_concurrency = 150 }
    health  = { function_name = "openclaw-prod-health", log_group_name = "/aws/lambda/openclaw-prod-health" }
    stopped = { function_name = "openclaw-prod-stopped", log_group_name = "/aws/lambda/openclaw-prod-stopped", reserved_concurrency = 0 }
  }
}

run "each_reserve" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["concurrency-agent"].namespace == "AWS/Lambda" &&
      aws_cloudwatch_metric_alarm.metric["concurrency-agent"].metric_name == "ConcurrentExecutions" &&
      aws_cloudwatch_metric_alarm.metric["concurrency-agent"].statistic == "Maximum" &&
      aws_cloudwatch_metric_alarm.metric["concurrency-agent"].dimensions == tomap({ FunctionName = "openclaw-prod-agent" }) &&
      aws_cloudwatch_metric_alarm.metric["concurrency-agent"].threshold == 120
    )
    error_message = "80 % of the reserve must alarm"
  }
  assert {
    condition     = [for name in keys(local.alarms) : name if startswith(name, "concurrency-")] == ["concurrency-agent"]
    error_message = "a function without a reserve, and one that is stopped, need no such alarm"
  }
}

run "another_share" {
  command = plan
  variables { thresholds = { reserved_concurrency_percent = 50 } }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["concurrency-agent"].threshold == 75
    error_message = "the share must be settable"
  }
}
