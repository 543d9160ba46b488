# Asynchronous invocations of the alias: Lambda keeps the event in a queue of its own and calls when there is room.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = var.async == null ? {} : { live = var.async }

  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name

  maximum_retry_attempts       = each.value.retries
  maximum_event_age_in_seconds = each.value.max_age_s

  # Lambda calls it in the name of this function's role, which needs the right to.
  destination_config {
    on_failure {
      destination = each.value.on_failure_arn
    }
  }
}
