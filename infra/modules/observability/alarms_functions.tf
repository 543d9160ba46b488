# What each function's invocations show.

locals {
  function_alarms = merge(
    {
      for short, function in var.functions : "throttles-${short}" => {
        description = "Invocations of ${short} are refused: its reserved concurrency or the account's is exhausted."
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
      for short, function in var.functions : "errors-${short}" => {
        description = "Invocations of ${short} crash or time out, which no answer and no other alarm may show: the saved query ${var.name}/errors, or the function's log around REPORT lines."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.function_errors
        # authorizer fails an invocation for each bad token, because API Gateway answers 401 to nothing else.
      } if short != "authorizer"
    },
    {
      # The front door checks it once a minute.
      for short in var.checked_function[*] : "silence" => {
        description = "No health check has reached ${short} for ten minutes: the front door does not work, or nothing asks it any more."
        namespace   = "AWS/Lambda"
        metric      = "Invocations"
        dimensions  = { FunctionName = var.functions[short].function_name }
        statistic   = "Sum"
        period      = 300
        evaluations = 2
        threshold   = 1
        comparison  = "LessThanThreshold"
        missing     = "breaching"
      }
    },
    {
      for short, function in var.functions : "concurrency-${short}" => {
        description = "${short} uses more than ${var.thresholds.reserved_concurrency_percent} % of its reserved concurrency of ${function.reserved_concurrency}: more users than planned, or abuse. At 100 % its invocations are refused."
        namespace   = "AWS/Lambda"
        metric      = "ConcurrentExecutions"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Maximum"
        period      = 60
        evaluations = 1
        threshold   = function.reserved_concurrency * var.thresholds.reserved_concurrency_percent / 100
      } if function.reserved_concurrency > 0
    },
    {
      for short, function in local.asynchronous : "drops-${short}" => {
        description = "Asynchronous invocations of ${short} failed or never began: too little concurrency, or an error that the saved query ${var.name}/errors shows."
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
      # Without that record the client of a failed run waits for ever.
      for short, function in local.reporting : "undelivered-${short}" => {
        description = "Runs of ${short} failed or never began, and Lambda could not deliver the record from which their clients are notified."
        namespace   = "AWS/Lambda"
        metric      = "DestinationDeliveryFailures"
        dimensions  = { FunctionName = function.function_name }
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = 0
      }
    },
  )
}
