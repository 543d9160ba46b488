# Without an API for streams there is nothing to watch there.

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
    agent = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent" }
  }
  account_concurrency_limit = 1000
  table                     = { name = "openclaw-prod", indexes = ["GSI1"] }
}

run "without_streams" {
  command = plan

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.error_rate) == [""] && length([for name in keys(aws_cloudwatch_metric_alarm.metric) : name if startswith(name, "stream-")]) == 0
    error_message = "no alarm may watch an API that does not exist"
  }
  assert {
    condition     = keys(local.doors) == [""] && keys(local.door_dimensions) == [""]
    error_message = "no graph may show an API that does not exist"
  }
}
