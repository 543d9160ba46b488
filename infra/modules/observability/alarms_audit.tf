# What the audit trail shows. Errors, refused and dropped invocations of its function are in alarms_functions.tf.

locals {
  audit_alarms = merge([for archive in var.archive[*] : {
    audit-behind = {
      # An invocation that fails reports the age of its records too. The stream keeps them for a day.
      description = "The audit trail is more than ${var.thresholds.archive_age_minutes} minutes behind: ${archive.function} fails for some entries (saved query ${var.name}/errors), or is too slow. After 24 hours entries leave the stream, and remain in the table only."
      namespace   = "AWS/Lambda"
      metric      = "IteratorAge"
      dimensions  = { FunctionName = var.functions[archive.function].function_name }
      statistic   = "Maximum"
      period      = 60
      evaluations = 1
      threshold   = var.thresholds.archive_age_minutes * 60000
    }
    audit-chain-broken = {
      description = "A chain of the audit trail does not continue where it ended: entries are missing, or were changed. Verify the day with openclaw audit verify before anything is deleted."
      namespace   = local.namespace
      metric      = "AuditChainBroken"
      dimensions  = {}
      statistic   = "Sum"
      period      = 60
      evaluations = 1
      threshold   = 0
    }
    audit-unreadable = {
      description = "${archive.function} could not read an entry of the audit trail, and stored another one in its place that says so: a function wrote what this release does not know, or somebody else writes to the table. The item itself stays in the table until it expires."
      namespace   = local.namespace
      metric      = "AuditUnreadable"
      dimensions  = {}
      statistic   = "Sum"
      period      = 60
      evaluations = 1
      threshold   = 0
    }
    audit-manifest = {
      description = "EventBridge could not invoke ${archive.function} for the manifest of the day before: without it a chain that is missing as a whole is not noticed."
      namespace   = "AWS/Events"
      metric      = "FailedInvocations"
      dimensions  = { RuleName = archive.rule_name }
      statistic   = "Sum"
      period      = 300
      evaluations = 1
      threshold   = 0
    }
  }]...)

  audit_rows = [for archive in var.archive[*] : {
    question = "Is the audit trail complete?"
    graphs = [
      { title = "Behind by (ms)", statistic = "Maximum", metrics = [["AWS/Lambda", "IteratorAge", "FunctionName", var.functions[archive.function].function_name]] },
      { title = "Failed invocations", statistic = "Sum", metrics = [for metric in ["Errors", "AsyncEventsDropped"] : ["AWS/Lambda", metric, "FunctionName", var.functions[archive.function].function_name]] },
      { title = "Broken chains and unreadable entries", statistic = "Sum", metrics = [local.own.AuditChainBroken, local.own.AuditUnreadable] },
    ]
  }]
}
