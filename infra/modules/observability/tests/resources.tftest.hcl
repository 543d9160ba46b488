# Alarms on what stands around the functions, on refusals, and on silence.

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
    agent  = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent" }
    health = { function_name = "openclaw-prod-health", log_group_name = "/aws/lambda/openclaw-prod-health" }
  }
  account_concurrency_limit = 1000
  table                     = { name = "openclaw-prod", indexes = ["GSI1"] }
}

run "by_default" {
  command = plan

  assert {
    condition     = alltrue([for name in ["latency-p95", "firewall-blocks-front-door", "silence"] : !contains(keys(aws_cloudwatch_metric_alarm.metric), name)])
    error_message = "nothing may alarm that does not exist, nor the latency of answers, in which most models exceed any limit; got ${jsonencode(keys(aws_cloudwatch_metric_alarm.metric))}"
  }
  assert {
    condition = alltrue([for function in ["agent", "health"] :
      aws_cloudwatch_metric_alarm.metric["errors-${function}"].namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.metric["errors-${function}"].metric_name == "Errors" &&
      aws_cloudwatch_metric_alarm.metric["errors-${function}"].dimensions == tomap({ FunctionName = "openclaw-prod-${function}" }) && aws_cloudwatch_metric_alarm.metric["errors-${function}"].threshold == 0
    ])
    error_message = "the first invocation that crashes must alarm"
  }
  assert {
    condition = toset(flatten([for query in aws_cloudwatch_metric_alarm.sum["table-throttles"].metric_query : [for metric in query.metric : "${metric.metric_name} ${join(" ", values(metric.dimensions))}"]])) == toset([
      "ReadThrottleEvents openclaw-prod", "ReadThrottleEvents GSI1 openclaw-prod", "WriteThrottleEvents openclaw-prod", "WriteThrottleEvents GSI1 openclaw-prod",
    ])
    error_message = "throttled reads and writes of table and index must count"
  }
  assert {
    condition = toset(flatten([for query in aws_cloudwatch_metric_alarm.sum["table-errors"].metric_query : [for metric in query.metric : "${metric.metric_name} ${metric.dimensions.TableName} ${metric.dimensions.Operation}"]])) == toset([
      for operation in local.operations : "SystemErrors openclaw-prod ${operation}"
    ])
    error_message = "DynamoDB's own errors must count for each operation"
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.sum["table-throttles"].metric_query : query.expression if query.return_data == true]) == "FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0) + FILL(m3, 0)"
    error_message = "a metric without data must count as 0"
  }
  assert {
    condition = (
      toset(flatten([for query in aws_cloudwatch_metric_alarm.sum["refusals"].metric_query : [for metric in query.metric : metric.metric_name]])) == toset(["HTTPCode_ELB_4XX_Count", "Refusals"]) &&
      aws_cloudwatch_log_metric_filter.this["agent/Refusals"].pattern == "{ $.Refusals >= 0 }" && length(aws_cloudwatch_log_metric_filter.refusals) == 0
    )
    error_message = "refusals by functions and by the load balancer itself must count"
  }
  assert {
    condition = alltrue([for text in ["Answers with 4xx", "HTTPCode_ELB_4XX_Count", "HTTPCode_Target_4XX_Count"] :
      strcontains(jsonencode([for row in local.rows : row if row.question == "Who and what is refused?"]), text)
    ])
    error_message = "the dashboard must show answers with 4xx"
  }
}

run "with_everything_around_them" {
  command = plan
  variables {
    firewall_names   = { front-door = "openclaw-prod", sign-in = "openclaw-prod-sign-in" }
    certificate_arns = { front-door = "arn:aws:acm:eu-central-1:123456789012:certificate/1" }
    checked_function = "health"
    agents           = ["default", "tickets"]
    ollama_host      = { namespace = "OpenClaw/Ollama", host = "openclaw-prod-ollama", group = "openclaw-prod-ollama", gpu = true }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["firewall-blocks-front-door"].namespace == "AWS/WAFV2" && aws_cloudwatch_metric_alarm.metric["firewall-blocks-front-door"].metric_name == "BlockedRequests" &&
      aws_cloudwatch_metric_alarm.metric["firewall-blocks-front-door"].dimensions == tomap({ WebACL = "openclaw-prod", Region = "eu-central-1", Rule = "ALL" })
    )
    error_message = "blocked requests must alarm"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["firewall-blocks-sign-in"].dimensions == tomap({ WebACL = "openclaw-prod-sign-in", Region = "eu-central-1", Rule = "ALL" })
    error_message = "so must those of the user pool's firewall"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["certificate-front-door"].metric_name == "DaysToExpiry" && aws_cloudwatch_metric_alarm.metric["certificate-front-door"].threshold == 30 &&
      aws_cloudwatch_metric_alarm.metric["certificate-front-door"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.metric["certificate-front-door"].treat_missing_data == "ignore" &&
      aws_cloudwatch_metric_alarm.metric["certificate-front-door"].dimensions == tomap({ CertificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/1" })
    )
    error_message = "a certificate must alarm 30 days before its end"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["silence"].metric_name == "Invocations" && aws_cloudwatch_metric_alarm.metric["silence"].dimensions == tomap({ FunctionName = "openclaw-prod-health" }) &&
      aws_cloudwatch_metric_alarm.metric["silence"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.metric["silence"].threshold == 1 &&
      aws_cloudwatch_metric_alarm.metric["silence"].treat_missing_data == "breaching"
    )
    error_message = "no data must alarm"
  }
  assert {
    condition = alltrue([for agent in ["default", "tickets"] :
      aws_cloudwatch_metric_alarm.metric["overhead-p95-${agent}"].metric_name == "OverheadLatency" && aws_cloudwatch_metric_alarm.metric["overhead-p95-${agent}"].dimensions == tomap({ Agent = agent }) &&
      aws_cloudwatch_metric_alarm.metric["overhead-p95-${agent}"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.metric["overhead-p95-${agent}"].threshold == 500
    ])
    error_message = "each agent must have an alarm of its own"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["agent/AgentOverheadLatency"].metric_transformation[0].name == "OverheadLatency" && aws_cloudwatch_log_metric_filter.this["agent/AgentOverheadLatency"].metric_transformation[0].dimensions == tomap({ Agent = "$.Agent" })
    error_message = "the metric must have the agent as its dimension"
  }
  assert {
    condition = alltrue([for metric in ["disk_used_percent", "NetworkIn", "NetworkOut", "nvidia_smi_utilization_gpu"] :
      strcontains(jsonencode([for row in local.rows : row if row.question == "Is the Ollama host well?"]), metric)
    ])
    error_message = "the dashboard must show the host's disk, network and graphics card"
  }
  assert {
    condition     = length(distinct([for widget in local.dashboard.widgets : "${widget.x},${widget.y}"])) == length(local.dashboard.widgets)
    error_message = "no graph may cover another"
  }
}

run "an_api_refuses_by_itself" {
  command = plan
  variables {
    front_door         = "apigateway"
    front_door_id      = "a1b2c3d4e5"
    refusal_log_groups = { http-api = "/aws/vendedlogs/openclaw-prod/http-api" }
  }

  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.refusals["http-api"].pattern == "{ ($.status = \"401\" || $.status = \"403\") && $.function_request_id = \"-\" }" &&
      aws_cloudwatch_log_metric_filter.refusals["http-api"].metric_transformation[0].namespace == "OpenClaw/openclaw-prod" && aws_cloudwatch_log_metric_filter.refusals["http-api"].metric_transformation[0].name == "Refusals"
    )
    error_message = "a refusal that reached no function must count, and one that did must not count twice"
  }
  assert {
    condition     = one(flatten([for query in aws_cloudwatch_metric_alarm.sum["refusals"].metric_query : [for metric in query.metric : metric.metric_name]])) == "Refusals"
    error_message = "there is no load balancer whose refusals could count"
  }
}

run "a_host_without_a_card" {
  command = plan
  variables { ollama_host = { namespace = "OpenClaw/Ollama", host = "h", group = "h", gpu = false } }

  assert {
    condition     = strcontains(jsonencode(local.host_rows), "CPUUtilization") && !strcontains(jsonencode(local.host_rows), "nvidia")
    error_message = "the dashboard must show its processor instead"
  }
}
