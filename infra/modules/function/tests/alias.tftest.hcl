# The newest version is known only after an apply, so some runs apply, to the mock, which creates nothing.
mock_provider "aws" {
  mock_resource "aws_lambda_function" {
    defaults = { version = "8" }
  }
}

variables {
  name                     = "openclaw-test"
  environment              = "test"
  function                 = "agents"
  zip_path                 = "tests/bootstrap.zip"
  timeout_s                = 65
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-boundary"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  log_retention_days       = 90
  architecture             = "arm64"
  memory_mb                = 512
}

run "every_change_is_published" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.publish
    error_message = "every change must become a version, or a rollback would be impossible"
  }
}

run "the_alias_serves_the_newest_version" {
  command = apply

  assert {
    condition     = aws_lambda_alias.live.name == "live" && aws_lambda_alias.live.function_version == "8" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the alias must invoke the newest version only"
  }
}

run "a_canary_gives_the_newest_version_a_share" {
  command = apply
  variables {
    stable_version = "7"
    canary_weight  = 0.1
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "7" && aws_lambda_alias.live.routing_config[0].additional_version_weights["8"] == 0.1
    error_message = "the stable version must get the requests, and the newest a tenth of them"
  }
}

run "a_canary_of_one_version_alone_is_refused" {
  command = plan
  variables {
    stable_version = "8"
    canary_weight  = 0.1
  }
  expect_failures = [aws_lambda_alias.live]
}

run "a_rollback_serves_the_stable_version_alone" {
  command = plan
  variables { stable_version = "7" }

  assert {
    condition     = aws_lambda_alias.live.function_version == "7" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "the stable version must get all requests"
  }
}

run "a_canary_needs_a_stable_version" {
  command = plan
  variables { canary_weight = 0.1 }
  expect_failures = [var.canary_weight]
}

run "a_version_is_a_number" {
  command = plan
  variables { stable_version = "$LATEST" }
  expect_failures = [var.stable_version]
}

run "a_canary_excludes_warm_environments" {
  command = plan
  variables {
    stable_version          = "7"
    canary_weight           = 0.1
    provisioned_concurrency = { min = 1, max = 2 }
  }
  expect_failures = [var.canary_weight]
}

run "a_weight_is_a_share" {
  command = plan
  variables {
    stable_version = "7"
    canary_weight  = 10
  }
  expect_failures = [var.canary_weight]
}
