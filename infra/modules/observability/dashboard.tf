locals {
  own = { for metric in keys(local.metrics) : metric => [local.namespace, metric] if metric != "AgentOverheadLatency" }

  door_dimensions = { for prefix, door in local.doors : prefix => flatten([for name, value in door.dimensions : [name, value]]) }

  # A row answers one question with graphs of { title, statistic, metrics }, each metric in CloudWatch's own form.
  rows = concat(local.common_rows, local.audit_rows, local.websocket_rows, local.host_rows)

  host_rows = [for host in var.ollama_host[*] : {
    question = "Is the Ollama host well?"
    graphs = [
      { title = "Memory and disk in use (%)", statistic = "Maximum", metrics = [[host.namespace, "mem_used_percent", "Host", host.host], [host.namespace, "disk_used_percent", "path", "/", "Host", host.host, "fstype", "xfs"]] },
      { title = "Network (bytes)", statistic = "Sum", metrics = [for metric in ["NetworkIn", "NetworkOut"] : ["AWS/EC2", metric, "AutoScalingGroupName", host.group]] },
      { title = host.gpu ? "Graphics card, and its memory (%)" : "Processor (%)", statistic = "Average", metrics = host.gpu ? [for metric in ["utilization_gpu", "utilization_memory"] : [host.namespace, "nvidia_smi_${metric}", "Host", host.host]] : [["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", host.group]] },
    ]
  }]

  websocket_rows = [for api in var.websocket_api[*] : {
    question = "Do WebSockets work?"
    graphs = [
      { title = "Connections, and frames both ways", statistic = "Sum", metrics = [for metric in ["ConnectCount", "MessageCount"] : ["AWS/ApiGateway", metric, "ApiId", api.id, "Stage", api.stage]] },
      { title = "Failed and refused", statistic = "Sum", metrics = [for metric in ["ExecutionError", "IntegrationError", "ClientError"] : ["AWS/ApiGateway", metric, "ApiId", api.id, "Stage", api.stage]] },
      { title = "Runs that failed or never began", statistic = "Sum", metrics = [for function in local.reporting : ["AWS/Lambda", "AsyncEventsDropped", "FunctionName", function.function_name]] },
    ]
  }]

  common_rows = [
    {
      question = "Is it up, and how many requests are there?"
      graphs = [
        { title = "Requests", statistic = "Sum", metrics = [for prefix, door in local.doors : concat([door.namespace, door.requests], local.door_dimensions[prefix])] },
        { title = "Answers with 5xx", statistic = "Sum", metrics = concat([for prefix, door in local.doors : [for metric in door.errors : concat([door.namespace, metric], local.door_dimensions[prefix])]]...) },
        { title = "Latency except streams, p95", statistic = "p95", metrics = [concat([local.door.namespace, local.door.latency], local.door_dimensions[""])] },
      ]
    },
    {
      question = "Where does the time go?"
      graphs = [
        { title = "Waiting for models and for actions, p95 (ms)", statistic = "p95", metrics = [local.own.LlmLatency, local.own.ActionLatency] },
        { title = "The gateway itself, p95 (ms)", statistic = "p95", metrics = [local.own.OverheadLatency] },
        { title = "Functions, p95 (ms)", statistic = "p95", metrics = [for function in var.functions : ["AWS/Lambda", "Duration", "FunctionName", function.function_name]] },
      ]
    },
    {
      question = "Do the providers work?"
      graphs = [
        { title = "Errors of providers", statistic = "Sum", metrics = [local.own.ProviderErrors] },
        { title = "Throttled by providers", statistic = "Sum", metrics = [local.own.ProviderThrottles] },
        { title = "Fallbacks taken", statistic = "Sum", metrics = [local.own.Fallbacks] },
      ]
    },
    {
      question = "What does it cost?"
      graphs = [
        { title = "Input tokens", statistic = "Sum", metrics = [local.own.InputTokens] },
        { title = "Output tokens", statistic = "Sum", metrics = [local.own.OutputTokens] },
        { title = "Invocations", statistic = "Sum", metrics = [for function in var.functions : ["AWS/Lambda", "Invocations", "FunctionName", function.function_name]] },
      ]
    },
    {
      question = "Do the functions have enough concurrency?"
      graphs = [
        { title = "Failed invocations", statistic = "Sum", metrics = [for function in var.functions : ["AWS/Lambda", "Errors", "FunctionName", function.function_name]] },
        { title = "Throttled invocations", statistic = "Sum", metrics = [for function in var.functions : ["AWS/Lambda", "Throttles", "FunctionName", function.function_name]] },
        { title = "Concurrency of the account", statistic = "Maximum", metrics = [["AWS/Lambda", "ClaimedAccountConcurrency"]] },
      ]
    },
    {
      question = "Who and what is refused?"
      graphs = [
        { title = "Refused by policy", statistic = "Sum", metrics = [local.own.PolicyDenials] },
        { title = "Refused configurations", statistic = "Sum", metrics = [local.own.ConfigRefused] },
        { title = "Answers with 4xx, and 401 or 403 among them", statistic = "Sum", metrics = concat([local.own.Refusals], concat([for prefix, door in local.doors : [for metric in door.refusals : concat([door.namespace, metric], local.door_dimensions[prefix])]]...)) },
      ]
    },
  ]

  dashboard = {
    widgets = concat(flatten([
      for row, content in local.rows : concat(
        [{ type = "text", x = 0, y = 7 * row, width = 24, height = 1, properties = { markdown = "## ${content.question}" } }],
        [
          for column, graph in content.graphs : {
            type = "metric", x = 8 * column, y = 7 * row + 1, width = 8, height = 6
            properties = {
              title   = graph.title
              region  = data.aws_region.current.region
              stat    = graph.statistic
              period  = 300
              metrics = graph.metrics
            }
          }
        ],
      )
      ]), [{
      type = "alarm", x = 0, y = 7 * length(local.rows), width = 24, height = 4
      properties = {
        title = "Alarms"
        alarms = concat(
          [for alarm in aws_cloudwatch_metric_alarm.metric : alarm.arn],
          [for alarm in aws_cloudwatch_metric_alarm.error_rate : alarm.arn],
          [for alarm in aws_cloudwatch_metric_alarm.sum : alarm.arn],
        )
      }
    }])
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode(local.dashboard)
}
