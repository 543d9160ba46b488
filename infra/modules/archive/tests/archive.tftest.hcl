# What invokes the function.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:rule/openclaw-test-audit-manifest" }
  }
}

variables {
  name       = "openclaw-test"
  stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit/stream/2030-01-01T00:00:00.000"
  function = {
    function_name = "openclaw-test-archive"
    alias_name    = "live"
    alias_arn     = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-archive:live"
  }
}

run "new_entries" {
  command = plan

  assert {
    condition = (
      aws_lambda_event_source_mapping.entries.event_source_arn == var.stream_arn && aws_lambda_event_source_mapping.entries.function_name == var.function.alias_arn &&
      aws_lambda_event_source_mapping.entries.starting_position == "TRIM_HORIZON"
    )
    error_message = "the stream must invoke the alias, from its beginning"
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.entries.maximum_record_age_in_seconds == -1 && aws_lambda_event_source_mapping.entries.maximum_retry_attempts == -1 &&
      aws_lambda_event_source_mapping.entries.bisect_batch_on_function_error
    )
    error_message = "every entry is tried again while the stream has it"
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.entries.batch_size == 100 && aws_lambda_event_source_mapping.entries.maximum_batching_window_in_seconds == 5 &&
      aws_lambda_event_source_mapping.entries.parallelization_factor == 1
    )
    error_message = "a shard must have one invocation at a time, with up to 100 entries or those of 5 s"
  }
  assert {
    condition     = jsondecode(one(aws_lambda_event_source_mapping.entries.filter_criteria[0].filter).pattern) == { eventName = ["INSERT"], dynamodb = { Keys = { PK = { S = [{ prefix = "A#" }] } } } }
    error_message = "only new entries may invoke it, and neither the ends of chains nor expired items"
  }
}

run "manifest" {
  command = plan

  assert {
    condition     = aws_cloudwatch_event_rule.manifest.schedule_expression == "cron(15 0 * * ? *)" && output.rule_name == "openclaw-test-audit-manifest"
    error_message = "it must be asked for once a day, after midnight"
  }
  assert {
    condition     = aws_cloudwatch_event_target.manifest.arn == var.function.alias_arn && jsondecode(aws_cloudwatch_event_target.manifest.input) == { manifest = true } && aws_cloudwatch_event_target.manifest.role_arn == null
    error_message = "the rule must invoke the alias with a constant input, and no role"
  }
  assert {
    condition = (
      aws_lambda_permission.manifest.principal == "events.amazonaws.com" && aws_lambda_permission.manifest.source_arn == aws_cloudwatch_event_rule.manifest.arn &&
      aws_lambda_permission.manifest.qualifier == "live" && aws_lambda_permission.manifest.action == "lambda:InvokeFunction"
    )
    error_message = "only this rule may invoke the alias"
  }
}
