mock_provider "aws" {}

variables {
  name                 = "openclaw-test"
  environment          = "test"
  kms_key_arn          = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  writer_role_arns     = ["arn:aws:iam::123456789012:role/operators"]
  recovery_window_days = 30
  secrets              = ["bedrock/api-key", "openai/api-key", "anthropic/api-key", "ollama/token"]
}

run "secrets_can_be_deleted_at_once" {
  command = plan
  variables { recovery_window_days = 0 }

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.recovery_window_in_days == 0])
    error_message = "0 must reach the secrets"
  }
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
