# Some runs apply, to the mock, which creates nothing, because the alias is known only then.
mock_provider "aws" {
  mock_resource "aws_lambda_function" {
    defaults = { version = "8" }
  }
}

variables {
  name                     = "openclaw-test"
  environment              = "test"
  function                 = "stream"
  zip_path                 = "tests/bootstrap.zip"
  timeout_s                = 900
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-boundary"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  log_retention_days       = 90
  architecture             = "arm64"
  memory_mb                = 512
}

run "without_async" {
  command = plan

  assert {
    condition     = length(aws_lambda_function_event_invoke_config.this) == 0
    error_message = "without async Lambda's own settings must apply to asynchronous invocations"
  }
}

run "failures_reach_the_destination" {
  command = apply
  variables { async = { on_failure_arn = "arn:aws:lambda:eu-central-1:123456789012:function:openclaw-test-websocket:live" } }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["live"].function_name == "openclaw-test-stream" && aws_lambda_function_event_invoke_config.this["live"].qualifier == "live"
    error_message = "the settings must apply to the alias, which is what is invoked"
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.this["live"].maximum_retry_attempts == 0 && aws_lambda_function_event_invoke_config.this["live"].maximum_event_age_in_seconds == 60
    error_message = "no event may run twice, or begin more than a minute late"
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.this["live"].destination_config[0].on_failure[0].destination == "arn:aws:lambda:eu-central-1:123456789012:function:openclaw-test-websocket:live"
    error_message = "the destination must receive failures"
  }
  assert {
    condition     = length(aws_lambda_function_event_invoke_config.this["live"].destination_config[0].on_success) == 0
    error_message = "the destination must receive nothing else"
  }
}

run "retries_can_be_set" {
  command = plan
  variables { async = { on_failure_arn = "arn:aws:sqs:eu-central-1:123456789012:openclaw-test-failed", retries = 2, max_age_s = 3600 } }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["live"].maximum_retry_attempts == 2 && aws_lambda_function_event_invoke_config.this["live"].maximum_event_age_in_seconds == 3600
    error_message = "retries and age must be as given"
  }
}

run "a_destination_without_an_alias_is_refused" {
  command = plan
  variables { async = { on_failure_arn = "arn:aws:lambda:eu-central-1:123456789012:function:openclaw-test-websocket" } }
  expect_failures = [var.async]
}

run "three_retries_are_refused" {
  command = plan
  variables { async = { on_failure_arn = "arn:aws:sqs:eu-central-1:123456789012:openclaw-test-failed", retries = 3 } }
  expect_failures = [var.async]
}

run "less_than_a_minute_is_refused" {
  command = plan
  variables { async = { on_failure_arn = "arn:aws:sqs:eu-central-1:123456789012:openclaw-test-failed", max_age_s = 59 } }
  expect_failures = [var.async]
}
