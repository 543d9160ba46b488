# The functions write metrics of all environments of an account into one namespace, OpenClaw. Because an alarm must not fire
# for another environment, its metrics are read from this environment's own log groups, into a namespace of their own.

locals {
  namespace = "OpenClaw/${var.name}"

  metrics = merge(
    {
      for name, unit in {
        OverheadLatency   = "Milliseconds"
        LlmLatency        = "Milliseconds"
        InputTokens       = "Count"
        OutputTokens      = "Count"
        ProviderThrottles = "Count"
        Fallbacks         = "Count"
        PolicyDenials     = "Count"
        ConfigRefused     = "Count"
      } : name => { pattern = "{ $.${name} >= 0 }", value = "$.${name}", unit = unit }
    },
    {
      # "unavailable" also covers the table and secrets; the text of the fault identifies a provider.
      ProviderErrors = {
        pattern = "{ $.problem = \"provider-failed\" || ($.problem = \"unavailable\" && $.fault = \"* cannot be reached for *\") }"
        value   = "1"
        unit    = "Count"
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
    namespace = local.namespace
    name      = each.value.metric
    value     = local.metrics[each.value.metric].value
    unit      = local.metrics[each.value.metric].unit
  }
}
