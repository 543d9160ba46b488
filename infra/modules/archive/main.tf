# What invokes the function `archive`: the stream of new audit entries, and a schedule for the manifest of the day before.

# Nothing is skipped: a batch that fails is tried again in smaller parts until its records leave the stream, which keeps them for a day.
# Until then the function's iterator age rises, on which an alarm waits (modules/observability).
resource "aws_lambda_event_source_mapping" "entries" {
  event_source_arn  = var.stream_arn
  function_name     = var.function.alias_arn
  starting_position = "TRIM_HORIZON"

  batch_size                         = 100
  maximum_batching_window_in_seconds = 5 # fewer and larger objects, for a few seconds between entry and archive
  parallelization_factor             = 1 # the chain of a shard has one end
  bisect_batch_on_function_error     = true
  maximum_record_age_in_seconds      = -1
  maximum_retry_attempts             = -1

  # New entries. The ends of the chains, which the function writes itself, and what expires would only invoke it for nothing.
  filter_criteria {
    filter {
      pattern = jsonencode({ eventName = ["INSERT"], dynamodb = { Keys = { PK = { S = [{ prefix = "A#" }] } } } })
    }
  }
}

# A quarter of an hour after midnight (UTC), when the last entries of the day have arrived.
resource "aws_cloudwatch_event_rule" "manifest" {
  name                = "${var.name}-audit-manifest"
  description         = "Manifest of the audit trail of ${var.name}, once a day"
  schedule_expression = "cron(15 0 * * ? *)"
}

resource "aws_cloudwatch_event_target" "manifest" {
  rule  = aws_cloudwatch_event_rule.manifest.name
  arn   = var.function.alias_arn
  input = jsonencode({ manifest = true })
}

# The function's own policy admits the rule, so that EventBridge needs no role.
resource "aws_lambda_permission" "manifest" {
  statement_id  = "${var.name}-audit-manifest"
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  function_name = var.function.function_name
  qualifier     = var.function.alias_name

  # This rule only.
  source_arn = aws_cloudwatch_event_rule.manifest.arn
}
