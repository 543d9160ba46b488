mock_provider "aws" {}

variables {
  name             = "openclaw-test"
  environment      = "test"
  kms_key_arn      = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]
}

run "a_bad_name_is_refused" {
  command = plan
  variables { name = "Open Claw" }
  expect_failures = [var.name]
}

run "a_bad_environment_is_refused" {
  command = plan
  variables { environment = "Prod" }
  expect_failures = [var.environment]
}

run "a_key_id_is_not_an_arn" {
  command = plan
  variables { kms_key_arn = "alias/openclaw" }
  expect_failures = [var.kms_key_arn]
}

run "a_bad_secret_name_is_refused" {
  command = plan
  variables { secrets = ["OpenAI key"] }
  expect_failures = [var.secrets]
}

run "an_ending_like_aws_own_is_refused" {
  command = plan
  variables { secrets = ["openai/client-secret"] }
  expect_failures = [var.secrets]
}

run "readers_are_of_secrets_that_exist" {
  command = plan
  variables { reader_role_arns = { "mistral/api-key" = ["arn:aws:iam::123456789012:role/openclaw-test-agent"] } }
  expect_failures = [var.reader_role_arns]
}

run "readers_are_of_this_deployment" {
  command = plan
  variables { reader_role_arns = { "openai/api-key" = ["arn:aws:iam::123456789012:role/openclaw-prod-agent"] } }
  expect_failures = [var.reader_role_arns]
}

run "a_reader_has_no_wildcard" {
  command = plan
  variables { reader_role_arns = { "openai/api-key" = ["arn:aws:iam::123456789012:role/openclaw-test-*"] } }
  expect_failures = [var.reader_role_arns]
}

run "a_writer_is_needed" {
  command = plan
  variables { writer_role_arns = [] }
  expect_failures = [var.writer_role_arns]
}

run "a_writer_is_a_role" {
  command = plan
  variables { writer_role_arns = ["arn:aws:iam::123456789012:user/alice"] }
  expect_failures = [var.writer_role_arns]
}

run "a_writer_has_no_wildcard" {
  command = plan
  variables { writer_role_arns = ["arn:aws:iam::123456789012:role/*"] }
  expect_failures = [var.writer_role_arns]
}

run "recovery_has_limits" {
  command = plan
  variables { recovery_window_days = 3 }
  expect_failures = [var.recovery_window_days]
}

run "an_environment_that_comes_and_goes_leaves_nothing" {
  command = plan
  variables { recovery_window_days = 0 }

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.recovery_window_in_days == 0])
    error_message = "0 must reach the secrets"
  }
}
