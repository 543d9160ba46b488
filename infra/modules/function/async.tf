# Asynchronous invocations of the alias: Lambda keeps events in a queue of its own until an execution environment is free.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = var.async == null ? {} : { live = var.async }

  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name

  maximum_retry_attempts       = each.value.retries
  maximum_event_age_in_seconds = each.value.max_age_s

  # Lambda invokes the destination with this function's role, which needs the permission.
  destination_config {
    on_failure {
      destination = each.value.on_failure_arn
    }
  }
}
