# The functions write metrics of all environments of an account into one namespace, OpenClaw. Because an alarm must not fire
# for another environment, its metrics are read from this environment's own log groups, into a namespace of their own.

locals {
  namespace = "OpenClaw/${var.name}"

  metrics = merge(
    {
      for name, unit in {
        OverheadLatency   = "Milliseconds"
        LlmLatency        = "Milliseconds"
        ActionLatency     = "Milliseconds"
        InputTokens       = "Count"
        OutputTokens      = "Count"
        ProviderThrottles = "Count"
        Fallbacks         = "Count"
        PolicyDenials     = "Count"
        Refusals          = "Count"
        ConfigRefused     = "Count"
        AuditChainBroken  = "Count"
        AuditUnreadable   = "Count"
      } : name => { metric = name, pattern = "{ $.${name} >= 0 }", value = "$.${name}", unit = unit, dimensions = null }
    },
    {
      # "unavailable" also covers the table and secrets; the text of the fault identifies a provider.
      ProviderErrors = {
        metric     = "ProviderErrors"
        dimensions = null
        pattern    = "{ $.problem = \"provider-failed\" || ($.problem = \"unavailable\" && ($.fault = \"* cannot be reached for *\" || $.fault = \"* has not responded in time for *\")) }"
        value      = "1"
        unit       = "Count"
      }

      AgentOverheadLatency = {
        metric     = "OverheadLatency"
        dimensions = { Agent = "$.Agent" }
        pattern    = "{ $.OverheadLatency >= 0 && $.Agent = \"*\" }"
        value      = "$.OverheadLatency"
        unit       = "Milliseconds"
      }
    },
  )

  filters = merge([
    for function in keys(var.functions) : { for metric in keys(local.metrics) : "${function}/${metric}" => { function = function, metric = metric } }
  ]...)
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.filters

  name           = "${var.name}-${each.value.metric}"
  log_group_name = var.functions[each.value.function].log_group_name
  pattern        = local.metrics[each.value.metric].pattern

  metric_transformation {
    namespace  = local.namespace
    name       = local.metrics[each.value.metric].metric
    value      = local.metrics[each.value.metric].value
    unit       = local.metrics[each.value.metric].unit
    dimensions = local.metrics[each.value.metric].dimensions
  }
}

# An API that refuses a request itself invokes no function, so the function's id is missing in its access log.
resource "aws_cloudwatch_log_metric_filter" "refusals" {
  for_each = var.refusal_log_groups

  name           = "${var.name}-Refusals-${each.key}"
  log_group_name = each.value
  pattern        = "{ ($.status = \"401\" || $.status = \"403\") && $.function_request_id = \"-\" }"

  metric_transformation {
    namespace = local.namespace
    name      = "Refusals"
    value     = "1"
    unit      = "Count"
  }
}
