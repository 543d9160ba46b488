locals {
  # The same questions, in each front door's own words. What it counts includes requests whose function never started.
  door = {
    alb = {
      namespace  = "AWS/ApplicationELB"
      dimensions = { LoadBalancer = var.front_door_id }
      requests   = "RequestCount"
      errors     = ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"]
      latency    = "TargetResponseTime"
      per_ms     = 0.001 # it is in seconds
    }
    apigateway = {
      namespace  = "AWS/ApiGateway"
      dimensions = { ApiId = var.front_door_id }
      requests   = "Count"
      errors     = ["5xx"]
      latency    = "Latency"
      per_ms     = 1
    }
  }[var.front_door]

  # Streams come through a door of their own. Its latency is no measure: it lasts as long as the model speaks. A fault
  # after the first byte is an event of an answer with status 200; what providers do wrong then is in provider-errors.
  stream_door = {
    namespace  = "AWS/ApiGateway"
    dimensions = { ApiName = var.stream_api.name, Stage = var.stream_api.stage }
    requests   = "Count"
    errors     = ["5XXError"]
  }

  # By what the names of their alarms begin with.
  doors = { "" = local.door, "stream-" = local.stream_door }

  # A message has no status. What counts as a request is an event that reached the function: somebody came, went or said
  # something; the API's own MessageCount has every frame that we send in it.
  websocket_alarms = [for api in var.websocket_api[*] : {
    websocket-requests = {
      description = "More than ${var.thresholds.requests_per_minute} events of WebSockets a minute: more users than planned, or abuse."
      namespace   = "AWS/Lambda"
      metric      = "Invocations"
      dimensions  = { FunctionName = api.function_name }
      statistic   = "Sum"
      period      = 60
      evaluations = 1
      threshold   = var.thresholds.requests_per_minute
    }
    websocket-failures = {
      description = "API Gateway could not invoke the function of WebSockets, or did not get its answer within 29 s: integration_error in /${var.name}/websocket-api says why."
      namespace   = "AWS/ApiGateway"
      metric      = "ExecutionError"
      dimensions  = { ApiId = api.id, Stage = api.stage }
      statistic   = "Sum"
      period      = 300
      evaluations = 1
      threshold   = var.thresholds.websocket_failures
    }
    websocket-refusals = {
      description = "The function of WebSockets answers with 4xx or 5xx: bad tokens (saved query ${var.name}/unauthorized-reasons), foreign addresses, or a fault of ours (${var.name}/errors)."
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

  alarms = merge(
    {
      latency-p95 = {
        description = "95 of 100 requests take longer than ${var.thresholds.latency_p95_ms} ms. The dashboard's second row says whether the model or the gateway is slow."
        namespace   = local.door.namespace
        metric      = local.door.latency
        dimensions  = local.door.dimensions
        statistic   = "p95"
        period      = 300
        evaluations = 2
        threshold   = var.thresholds.latency_p95_ms * local.door.per_ms
      }
      overhead-p95 = {
        description = "The gateway itself takes longer than ${var.thresholds.overhead_p95_ms} ms: memory of the functions, cold starts, the table."
        namespace   = local.namespace
        metric      = "OverheadLatency"
        dimensions  = {}
        statistic   = "p95"
        period      = 300
        evaluations = 2
        threshold   = var.thresholds.overhead_p95_ms
      }
      provider-errors = {
        description = "A model provider answers with errors: the saved query ${var.name}/errors names its status and code."
        namespace   = local.namespace
        metric      = "ProviderErrors"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.provider_errors
      }
      provider-throttles = {
        description = "A model provider asks for patience: more quota, or a fallback."
        namespace   = local.namespace
        metric      = "ProviderThrottles"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.provider_throttles
      }
      configuration-refused = {
        description = "A new version of the configuration is refused and the old one serves on: the saved query ${var.name}/configuration-refused names each fault."
        namespace   = local.namespace
        metric      = "ConfigRefused"
        dimensions  = {}
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.refused_configurations
      }
      account-concurrency = {
        description = "The account's functions, all together, use more than ${var.thresholds.account_concurrency_percent} % of ${var.account_concurrency_limit} concurrent executions: raise the quota, or reserve."
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
      for short, function in var.functions : "throttles-${short}" => {
        description = "Invocations of ${short} are refused: its reserved concurrency or the account's is used up."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Sum"
        period      = 60
        evaluations = 1
        threshold   = var.thresholds.throttles
      }
    },
    {
      for short, function in local.asynchronous : "drops-${short}" => {
        description = "Runs of ${short} that nobody waited for failed, or never began: too little concurrency, or a fault, which the saved query ${var.name}/errors names."
        namespace   = "AWS/Lambda"
        metric      = "AsyncEventsDropped"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.dropped_events
      }
    },
    {
      # Without that record the client of a run that broke off waits for ever.
      for short, function in local.asynchronous : "untold-${short}" => {
        description = "Runs of ${short} failed or never began, and Lambda could not hand over the record from which their clients are told."
        namespace   = "AWS/Lambda"
        metric      = "DestinationDeliveryFailures"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = 0
      }
    },
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
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching" # nobody asked
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  # With few requests a percentile is one request's chance.
  evaluate_low_sample_count_percentiles = startswith(each.value.statistic, "p") ? "ignore" : null
}

resource "aws_cloudwatch_metric_alarm" "error_rate" {
  for_each = local.doors

  alarm_name          = "${var.name}-${each.key}error-rate"
  alarm_description   = "More than ${var.thresholds.error_percent} % of the answers are 5xx: the saved query ${var.name}/errors says why. What is missing there did not reach a function."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.thresholds.error_percent
  treat_missing_data  = "notBreaching" # nobody asked
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
