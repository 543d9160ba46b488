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
  alarm_emails  = ["operator@example.com"]
  front_door    = "alb"
  front_door_id = "app/openclaw-prod/0123456789abcdef"
  stream_api    = { name = "openclaw-prod-stream", stage = "live" }
  websocket_api = { id = "ws1", stage = "live", function_name = "openclaw-prod-websocket" }
  functions = {
    agent  = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent" }
    health = { function_name = "openclaw-prod-health", log_group_name = "/aws/lambda/openclaw-prod-health" }
  }
  account_concurrency_limit = 1000
  table                     = { name = "openclaw-prod", indexes = ["GSI1"] }
}

run "by_default" {
  command = plan
  variables { thresholds = { latency_p95_ms = 2000 } }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["latency-p95"].extended_statistic == "p95" &&
      aws_cloudwatch_metric_alarm.metric["latency-p95"].metric_name == "TargetResponseTime" &&
      aws_cloudwatch_metric_alarm.metric["latency-p95"].threshold == 2 &&
      aws_cloudwatch_metric_alarm.metric["latency-p95"].dimensions == tomap({ LoadBalancer = "app/openclaw-prod/0123456789abcdef" })
    )
    error_message = "latency must alarm at 2 s, which the load balancer measures in seconds"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["overhead-p95"].extended_statistic == "p95" &&
      aws_cloudwatch_metric_alarm.metric["overhead-p95"].metric_name == "OverheadLatency" &&
      aws_cloudwatch_metric_alarm.metric["overhead-p95"].threshold == 500
    )
    error_message = "overhead must alarm at 500 ms"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.error_rate[""].threshold == 5 && aws_cloudwatch_metric_alarm.error_rate[""].comparison_operator == "GreaterThanThreshold"
    error_message = "errors must alarm above 5 %"
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.error_rate[""].metric_query : query.expression if query.return_data == true]) == "IF(requests >= 20, 100 * (FILL(errors0, 0) + FILL(errors1, 0)) / requests, 0)"
    error_message = "the error rate must be over all requests, and not of a handful"
  }
  assert {
    condition = toset(flatten([for query in aws_cloudwatch_metric_alarm.error_rate[""].metric_query : [for metric in query.metric : metric.metric_name]])) == toset([
      "RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count",
    ])
    error_message = "answers of the load balancer itself must count too"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["requests"].metric_name == "RequestCount" &&
      aws_cloudwatch_metric_alarm.metric["requests"].statistic == "Sum" &&
      aws_cloudwatch_metric_alarm.metric["requests"].period == 60 &&
      aws_cloudwatch_metric_alarm.metric["requests"].threshold == 1000
    )
    error_message = "requests must alarm at 1000 in 60 s"
  }
  assert {
    condition = alltrue([
      for function in ["agent", "health"] :
      aws_cloudwatch_metric_alarm.metric["throttles-${function}"].metric_name == "Throttles" &&
      aws_cloudwatch_metric_alarm.metric["throttles-${function}"].threshold == 0 &&
      aws_cloudwatch_metric_alarm.metric["throttles-${function}"].dimensions == tomap({ FunctionName = "openclaw-prod-${function}" })
    ])
    error_message = "the first refused invocation must alarm"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["provider-errors"].threshold == 5 && aws_cloudwatch_metric_alarm.metric["provider-throttles"].threshold == 20
    error_message = "errors and throttling must each alarm"
  }
  assert {
    condition = strcontains(aws_cloudwatch_log_metric_filter.this["agent/ProviderErrors"].pattern, "$.problem = \"provider-failed\"") && alltrue([
      for fault in ["* cannot be reached for *", "* has not responded in time for *"] : strcontains(aws_cloudwatch_log_metric_filter.this["agent/ProviderErrors"].pattern, "$.fault = \"${fault}\"")
    ])
    error_message = "provider errors must be counted by the log's field problem"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["account-concurrency"].metric_name == "ClaimedAccountConcurrency" &&
      aws_cloudwatch_metric_alarm.metric["account-concurrency"].threshold == 800
    )
    error_message = "concurrency must alarm at 80 % of 1000"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["configuration-refused"].metric_name == "ConfigRefused" && aws_cloudwatch_metric_alarm.metric["configuration-refused"].threshold == 0
    error_message = "the first refused version must alarm"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.error_rate["stream-"].alarm_name == "openclaw-prod-stream-error-rate" &&
      toset(flatten([for query in aws_cloudwatch_metric_alarm.error_rate["stream-"].metric_query : [
        for metric in query.metric : "${metric.namespace} ${metric.metric_name} ${metric.dimensions.ApiName} ${metric.dimensions.Stage}"
      ]])) == toset(["AWS/ApiGateway Count openclaw-prod-stream live", "AWS/ApiGateway 5XXError openclaw-prod-stream live"])
    )
    error_message = "errors of streams must be 5XXError of Count, as a REST API names them"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["stream-requests"].metric_name == "Count" &&
      aws_cloudwatch_metric_alarm.metric["stream-requests"].threshold == 1000 &&
      aws_cloudwatch_metric_alarm.metric["stream-requests"].dimensions == tomap({ ApiName = "openclaw-prod-stream", Stage = "live" })
    )
    error_message = "requests for streams must alarm at 1000 in 60 s"
  }
  assert {
    condition     = [for name, alarm in aws_cloudwatch_metric_alarm.metric : name if contains(["Latency", "TargetResponseTime", "IntegrationLatency"], alarm.metric_name)] == ["latency-p95"]
    error_message = "the duration of a stream must not alarm"
  }
  assert {
    condition = alltrue([for name, metric in { websocket-failures = "ExecutionError", websocket-refusals = "IntegrationError" } :
      aws_cloudwatch_metric_alarm.metric[name].namespace == "AWS/ApiGateway" && aws_cloudwatch_metric_alarm.metric[name].metric_name == metric &&
      aws_cloudwatch_metric_alarm.metric[name].statistic == "Sum" && aws_cloudwatch_metric_alarm.metric[name].period == 300 &&
      aws_cloudwatch_metric_alarm.metric[name].dimensions == tomap({ ApiId = "ws1", Stage = "live" })
    ])
    error_message = "failures and refusals must be counted for this API and stage"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["websocket-failures"].threshold == 0 && aws_cloudwatch_metric_alarm.metric["websocket-refusals"].threshold == 50
    error_message = "the first failure must alarm, and refusals only if there are many"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["websocket-requests"].namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.metric["websocket-requests"].metric_name == "Invocations" &&
      aws_cloudwatch_metric_alarm.metric["websocket-requests"].dimensions == tomap({ FunctionName = "openclaw-prod-websocket" }) &&
      aws_cloudwatch_metric_alarm.metric["websocket-requests"].period == 60 && aws_cloudwatch_metric_alarm.metric["websocket-requests"].threshold == 1000
    )
    error_message = "WebSocket events must alarm at 1000 in 60 s, without the frames that we send"
  }
  assert {
    condition = alltrue([
      for name in ["overhead-p95", "provider-errors", "provider-throttles", "configuration-refused"] :
      aws_cloudwatch_metric_alarm.metric[name].namespace == "OpenClaw/openclaw-prod"
    ])
    error_message = "the gateway's own metrics must be this environment's"
  }
  assert {
    condition = alltrue([
      for filter in aws_cloudwatch_log_metric_filter.this :
      filter.metric_transformation[0].namespace == "OpenClaw/openclaw-prod" && startswith(filter.log_group_name, "/aws/lambda/openclaw-prod-")
    ])
    error_message = "the metrics must be read from this environment's log groups"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.this["agent/OverheadLatency"].metric_transformation[0].value == "$.OverheadLatency"
    error_message = "the value must be the one that the function wrote"
  }
  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == var.kms_key_arn
    error_message = "KMS must encrypt the topic"
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.topic.statement : one(statement.principals).identifiers if statement.effect != "Deny"
    ] == [toset(["cloudwatch.amazonaws.com"])]
    error_message = "only CloudWatch may publish"
  }
  assert {
    condition = toset([
      for condition in data.aws_iam_policy_document.topic.statement[0].condition : "${condition.variable} ${one(condition.values)}"
      ]) == toset([
      "aws:SourceAccount 123456789012",
      "aws:SourceArn arn:aws:cloudwatch:eu-central-1:123456789012:alarm:openclaw-prod-*",
    ])
    error_message = "only alarms of this account and environment may publish"
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.topic.statement : one(statement.condition).variable if statement.effect == "Deny"] == ["aws:SecureTransport"]
    error_message = "nobody may publish without TLS"
  }
  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "openclaw-prod"
    error_message = "the dashboard must have the deployment's name"
  }
  assert {
    condition     = length([for widget in local.dashboard.widgets : widget if widget.type == "text"]) == 7 && length([for widget in local.dashboard.widgets : widget if widget.type == "alarm"]) == 1
    error_message = "each question must have a row, and the alarms the last one"
  }
  assert {
    condition = toset(flatten([
      for widget in local.dashboard.widgets : [for metric in widget.properties.metrics : metric[1] if startswith(metric[0], "OpenClaw")] if widget.type == "metric"
      ])) == toset([
      "OverheadLatency", "LlmLatency", "ActionLatency", "InputTokens", "OutputTokens", "ProviderThrottles", "ProviderErrors", "Fallbacks", "PolicyDenials", "ConfigRefused", "Refusals",
    ])
    error_message = "every metric of the gateway must be on the dashboard"
  }
  assert {
    condition = length(distinct([for widget in local.dashboard.widgets : "${widget.x},${widget.y}"])) == length(local.dashboard.widgets) && alltrue([
      for widget in local.dashboard.widgets : widget.x + widget.width <= 24
    ])
    error_message = "no graph may cover another or exceed the page"
  }
  assert {
    condition = toset([for query in aws_cloudwatch_query_definition.this : query.name]) == toset([
      "openclaw-prod/errors",
      "openclaw-prod/slowest-requests",
      "openclaw-prod/tokens-by-tenant",
      "openclaw-prod/unauthorized-reasons",
      "openclaw-prod/configuration-refused",
    ])
    error_message = "there must be a query for each of five questions of an operator"
  }
  assert {
    condition = alltrue([
      for query in aws_cloudwatch_query_definition.this : query.log_group_names == tolist(["/aws/lambda/openclaw-prod-agent", "/aws/lambda/openclaw-prod-health"])
    ])
    error_message = "each query must read the logs of all functions"
  }
}

run "every_threshold_is_a_variable" {
  command = plan
  variables {
    functions = {
      agent  = { function_name = "openclaw-prod-agent", log_group_name = "/aws/lambda/openclaw-prod-agent" }
      health = { function_name = "openclaw-prod-health", log_group_name = "/aws/lambda/openclaw-prod-health" }
      stream = { function_name = "openclaw-prod-stream", log_group_name = "/aws/lambda/openclaw-prod-stream", asynchronous = true, reports_to = true }
    }
    account_concurrency_limit = 500
    checked_function          = "health"
    firewall_names            = { front-door = "openclaw-prod" }
    certificate_arns          = { main = "arn:aws:acm:eu-central-1:123456789012:certificate/1" }
    thresholds = {
      latency_p95_ms              = 3000
      overhead_p95_ms             = 250
      error_percent               = 1
      error_minimum_requests      = 7
      requests_per_minute         = 50
      throttles                   = 3
      function_errors             = 11
      refusals                    = 12
      firewall_blocks             = 13
      table_throttles             = 14
      table_errors                = 15
      certificate_days            = 16
      provider_errors             = 2
      provider_throttles          = 4
      refused_configurations      = 6
      policy_denials              = 5
      dropped_events              = 8
      websocket_failures          = 9
      websocket_refusals          = 10
      account_concurrency_percent = 60
    }
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.metric : name => alarm.threshold } == {
      latency-p95                = 3
      overhead-p95               = 250
      requests                   = 50
      stream-requests            = 50
      websocket-requests         = 50
      websocket-failures         = 9
      websocket-refusals         = 10
      drops-stream               = 8
      undelivered-stream         = 0
      throttles-agent            = 3
      throttles-health           = 3
      throttles-stream           = 3
      errors-agent               = 11
      errors-health              = 11
      errors-stream              = 11
      firewall-blocks-front-door = 13
      certificate-main           = 16
      silence                    = 1
      provider-errors            = 2
      provider-throttles         = 4
      configuration-refused      = 6
      policy-denials             = 5
      account-concurrency        = 300
    }
    error_message = "each alarm must follow its variable"
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.sum : name => alarm.threshold } == { refusals = 12, table-errors = 15, table-throttles = 14 }
    error_message = "each sum must follow its variable"
  }
  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.error_rate :
      alarm.threshold == 1 && anytrue([for query in alarm.metric_query : strcontains(coalesce(query.expression, " "), "requests >= 7")])
    ])
    error_message = "the error rate must follow its variable"
  }
}

run "an_http_api_has_its_own_metrics" {
  command = plan
  variables {
    front_door    = "apigateway"
    front_door_id = "a1b2c3d4e5"
    thresholds    = { latency_p95_ms = 2000 }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["latency-p95"].metric_name == "Latency" &&
      aws_cloudwatch_metric_alarm.metric["latency-p95"].threshold == 2000 &&
      aws_cloudwatch_metric_alarm.metric["requests"].metric_name == "Count" &&
      aws_cloudwatch_metric_alarm.metric["requests"].dimensions == tomap({ ApiId = "a1b2c3d4e5" })
    )
    error_message = "latency and requests of an HTTP API must be in milliseconds, and of Count and ApiId"
  }
  assert {
    condition = toset(flatten([for query in aws_cloudwatch_metric_alarm.error_rate[""].metric_query : [for metric in query.metric : metric.metric_name]])) == toset([
      "Count", "5xx",
    ])
    error_message = "errors of an HTTP API must be 5xx of Count"
  }
}

run "without_websockets" {
  command = plan
  variables { websocket_api = null }

  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.metric) : name if startswith(name, "websocket-")]) == 0 && length([for widget in local.dashboard.widgets : widget if widget.type == "text"]) == 6
    error_message = "there must be no alarm and no row for WebSockets"
  }
}

run "asynchronous_runs" {
  command = plan
  variables {
    functions = {
      health = { function_name = "openclaw-prod-health", log_group_name = "/aws/lambda/openclaw-prod-health" }
      stream = { function_name = "openclaw-prod-stream", log_group_name = "/aws/lambda/openclaw-prod-stream", asynchronous = true, reports_to = true }
    }
  }

  assert {
    condition     = [for name in keys(aws_cloudwatch_metric_alarm.metric) : name if startswith(name, "drops-") || startswith(name, "undelivered-")] == ["drops-stream", "undelivered-stream"]
    error_message = "only functions that are invoked asynchronously may have these alarms"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["undelivered-stream"].namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.metric["undelivered-stream"].metric_name == "DestinationDeliveryFailures" &&
      aws_cloudwatch_metric_alarm.metric["undelivered-stream"].threshold == 0 && aws_cloudwatch_metric_alarm.metric["undelivered-stream"].dimensions == tomap({ FunctionName = "openclaw-prod-stream" }) &&
      aws_cloudwatch_metric_alarm.metric["drops-stream"].namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.metric["drops-stream"].metric_name == "AsyncEventsDropped" &&
      aws_cloudwatch_metric_alarm.metric["drops-stream"].threshold == 0 && aws_cloudwatch_metric_alarm.metric["drops-stream"].dimensions == tomap({ FunctionName = "openclaw-prod-stream" })
    )
    error_message = "the first run that failed or never began must alarm"
  }
  assert {
    condition = toset(flatten([
      for widget in local.dashboard.widgets : [for metric in widget.properties.metrics : metric[1] if contains(metric, "ws1") || metric[1] == "AsyncEventsDropped"] if widget.type == "metric"
    ])) == toset(["ConnectCount", "MessageCount", "ExecutionError", "IntegrationError", "ClientError", "AsyncEventsDropped"])
    error_message = "the dashboard must show WebSockets"
  }
}

run "every_alarm_reaches_the_topic" {
  # The topic's ARN is known only after an apply, which only the mocked provider performs.
  command = apply

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.metric), values(aws_cloudwatch_metric_alarm.error_rate), values(aws_cloudwatch_metric_alarm.sum)) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn]) && alarm.actions_enabled != false
    ])
    error_message = "every alarm must notify when it begins and when it ends"
  }
  assert {
    condition     = aws_sns_topic_subscription.email["operator@example.com"].protocol == "email" && aws_sns_topic_subscription.email["operator@example.com"].topic_arn == aws_sns_topic.alarms.arn
    error_message = "the operator must get mail"
  }
  assert {
    condition     = aws_sns_topic_policy.alarms.arn == aws_sns_topic.alarms.arn
    error_message = "the policy must be the topic's"
  }
}

run "no_functions" {
  command = plan
  variables { functions = {} }
  expect_failures = [var.functions]
}
