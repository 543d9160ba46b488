locals {
  # The same measures by each front door's own names. They include requests whose function never started.
  door = {
    alb = {
      namespace  = "AWS/ApplicationELB"
      dimensions = { LoadBalancer = var.front_door_id }
      requests   = "RequestCount"
      errors     = ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"]
      refusals   = ["HTTPCode_ELB_4XX_Count", "HTTPCode_Target_4XX_Count"]
      latency    = "TargetResponseTime"
      per_ms     = 0.001 # the metric is in seconds
    }
    apigateway = {
      namespace  = "AWS/ApiGateway"
      dimensions = { ApiId = var.front_door_id }
      requests   = "Count"
      errors     = ["5xx"]
      refusals   = ["4xx"]
      latency    = "Latency"
      per_ms     = 1
    }
  }[var.front_door]

  # Streams have an API of their own. Its latency is left out, because it lasts as long as the model generates. After the
  # first byte an error is an event in an answer with status 200; errors of providers still count in provider-errors.
  stream_doors = { for api in var.stream_api[*] : "stream-" => {
    namespace  = "AWS/ApiGateway"
    dimensions = { ApiName = api.name, Stage = api.stage }
    requests   = "Count"
    errors     = ["5XXError"]
    refusals   = ["4XXError"]
  } }

  # By the prefix of their alarms' names.
  doors = merge({ "" = local.door }, local.stream_doors)

  # A message has no status. Every event that reached the function counts as a request: a connect, a disconnect or a message.
  # The API's own MessageCount also contains every frame that the gateway sends.
  websocket_alarms = [for api in var.websocket_api[*] : {
    websocket-requests = {
      description = "More than ${var.thresholds.requests_per_minute} WebSocket events a minute: more users than planned, or abuse."
      namespace   = "AWS/Lambda"
      metric      = "Invocations"
      dimensions  = { FunctionName = api.function_name }
      statistic   = "Sum"
      period      = 60
      evaluations = 1
      threshold   = var.thresholds.requests_per_minute
    }
    websocket-failures = {
      description = "API Gateway could not invoke the WebSocket function, or received no answer within 29 s: integration_error in /${var.name}/websocket-api has the reason."
      namespace   = "AWS/ApiGateway"
      metric      = "ExecutionError"
      dimensions  = { ApiId = api.id, Stage = api.stage }
      statistic   = "Sum"
      period      = 300
      evaluations = 1
      threshold   = var.thresholds.websocket_failures
    }
    websocket-refusals = {
      description = "The WebSocket function answers with 4xx or 5xx: bad tokens (saved query ${var.name}/unauthorized-reasons), addresses that are not allowed, or an error of the gateway (${var.name}/errors)."
      namespace   = "AWS/ApiGateway"
      metric      = "IntegrationError"
      dimensions  = { ApiId = api.id, Stage = api.stage }
      statistic   = "Sum"
      period      = 300
      evaluations = 1
      threshold   = var.thresholds.websocket_refusals
    }
  }]

  asynchronous = { for short, function in var.functions : short => function if function.asynchronous }
  reporting    = { for short, function in var.functions : short => function if function.reports_to }

  alarms = merge(
    {
      overhead-p95 = {
        description = "The gateway's own part takes longer than ${var.thresholds.overhead_p95_ms} ms in 5 % of the requests: check the functions' memory, cold starts and the table."
        namespace   = local.namespace
        metric      = "OverheadLatency"
        dimensions  = {}
        statistic   = "p95"
        period      = 300
        evaluations = 2
        threshold   = var.thresholds.overhead_p95_ms
      }
      provider-errors = {
        description = "A model provider answers with errors: the saved query ${var.name}/errors shows its status and code."
        namespace   = local.namespace
        metric      = "ProviderErrors"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.provider_errors
      }
      provider-throttles = {
        description = "A model provider throttles requests: raise the quota, or configure a fallback."
        namespace   = local.namespace
        metric      = "ProviderThrottles"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.provider_throttles
      }
      configuration-refused = {
        description = "A new version of the configuration is refused and the old one remains in use: the saved query ${var.name}/configuration-refused shows each fault."
        namespace   = local.namespace
        metric      = "ConfigRefused"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.refused_configurations
      }
      policy-denials = {
        description = "More than ${var.thresholds.policy_denials} requests or calls a minute are denied by policy or need approval: an agent follows a stranger's text, somebody tries what is not allowed, or a policy is too strict."
        namespace   = local.namespace
        metric      = "PolicyDenials"
        dimensions  = {}
        statistic   = "Sum"
        period      = 60
        evaluations = 1
        threshold   = var.thresholds.policy_denials
      }
      account-concurrency = {
        description = "The account's functions together use more than ${var.thresholds.account_concurrency_percent} % of ${var.account_concurrency_limit} concurrent executions: raise the quota, or reserve concurrency."
        namespace   = "AWS/Lambda"
        metric      = "ClaimedAccountConcurrency"
        dimensions  = {}
        statistic   = "Maximum"
        period      = 60
        evaluations = 3
        threshold   = var.account_concurrency_limit * var.thresholds.account_concurrency_percent / 100
      }
    },
    {
      for prefix, door in local.doors : "${prefix}requests" => {
        description = "More than ${var.thresholds.requests_per_minute} requests a minute: more users than planned, or abuse."
        namespace   = door.namespace
        metric      = door.requests
        dimensions  = door.dimensions
        statistic   = "Sum"
        period      = 60
        evaluations = 1
        threshold   = var.thresholds.requests_per_minute
      }
    },
    {
      # Off unless it is set, because most models take longer than any limit that fits all.
      for limit_ms in var.thresholds.latency_p95_ms[*] : "latency-p95" => {
        description = "5 % of the requests take longer than ${limit_ms} ms: the dashboard's second row shows whether the model or the gateway is slow."
        namespace   = local.door.namespace
        metric      = local.door.latency
        dimensions  = local.door.dimensions
        statistic   = "p95"
        period      = 300
        evaluations = 2
        threshold   = limit_ms * local.door.per_ms
      }
    },
    {
      for agent in var.agents : "overhead-p95-${agent}" => {
        description = "The gateway's own part takes longer than ${var.thresholds.overhead_p95_ms} ms in 5 % of the requests to the agent ${agent}: look at its tools and at the length of its conversations."
        namespace   = local.namespace
        metric      = "OverheadLatency"
        dimensions  = { Agent = agent }
        statistic   = "p95"
        period      = 300
        evaluations = 2
        threshold   = var.thresholds.overhead_p95_ms
      }
    },
    local.function_alarms,
    local.audit_alarms,
    local.resource_alarms,
    local.websocket_alarms...
  )
}

resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.period
  evaluation_periods  = each.value.evaluations
  comparison_operator = try(each.value.comparison, "GreaterThanThreshold")
  threshold           = each.value.threshold
  treat_missing_data  = try(each.value.missing, "notBreaching") # no requests
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  # With few requests a percentile depends on a single one.
  evaluate_low_sample_count_percentiles = startswith(each.value.statistic, "p") ? "ignore" : null
}

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  for_each = local.doors

  alarm_name          = "${var.name}-${each.key}error-rate"
  alarm_description   = "More than ${var.thresholds.error_percent} % of the answers are 5xx: the saved query ${var.name}/errors shows why. A request that it does not show did not reach a function."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.error_percent
  treat_missing_data  = "notBreaching" # no requests
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "rate"
    label       = "5xx in percent of all answers"
    return_data = true
    expression  = "IF(requests >= ${var.thresholds.error_minimum_requests}, 100 * (${join(" + ", [for index, _ in each.value.errors : "FILL(errors${index}, 0)"])}) / requests, 0)"
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = each.value.namespace
      metric_name = each.value.requests
      dimensions  = each.value.dimensions
      stat        = "Sum"
      period      = 300
    }
  }

  dynamic "metric_query" {
    for_each = each.value.errors

    content {
      id = "errors${metric_query.key}"

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        dimensions  = each.value.dimensions
        stat        = "Sum"
        period      = 300
      }
    }
  }
}
