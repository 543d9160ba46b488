mock_provider "aws" {}

variables {
  name                     = "openclaw-test"
  environment              = "test"
  function                 = "agents"
  zip_path                 = "tests/bootstrap.zip"
  timeout_s                = 65
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-boundary"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
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

run "a_bad_function_is_refused" {
  command = plan
  variables { function = "agents_v2" }
  expect_failures = [var.function]
}

run "a_missing_package_is_refused" {
  command = plan
  variables { zip_path = "tests/missing.zip" }
  expect_failures = [var.zip_path]
}

run "an_unknown_processor_is_refused" {
  command = plan
  variables { architecture = "arm" }
  expect_failures = [var.architecture]
}

run "memory_has_limits" {
  command = plan
  variables { memory_mb = 64 }
  expect_failures = [var.memory_mb]
}

run "time_has_limits" {
  command = plan
  variables { timeout_s = 901 }
  expect_failures = [var.timeout_s]
}

run "concurrency_is_a_number" {
  command = plan
  variables { reserved_concurrency = -2 }
  expect_failures = [var.reserved_concurrency]
}

run "a_minimum_is_at_most_the_maximum" {
  command = plan
  variables { provisioned_concurrency = { min = 3, max = 2 } }
  expect_failures = [var.provisioned_concurrency]
}

run "warm_environments_fit_into_what_is_reserved" {
  command = plan
  variables {
    reserved_concurrency    = 5
    provisioned_concurrency = { min = 1, max = 6 }
  }
  expect_failures = [var.provisioned_concurrency]
}

run "an_unknown_update_mode_is_refused" {
  command = plan
  variables { update_runtime_on = "Never" }
  expect_failures = [var.update_runtime_on]
}

run "holding_needs_a_version" {
  command = plan
  variables { update_runtime_on = "Manual" }
  expect_failures = [var.runtime_version_arn]
}

run "a_version_needs_holding" {
  command = plan
  variables { runtime_version_arn = "arn:aws:lambda:eu-central-1::runtime:0000" }
  expect_failures = [var.runtime_version_arn]
}

run "a_key_in_the_environment_is_refused" {
  command = plan
  variables { environment_variables = { LLM_API_KEY = "sk-123" } }
  expect_failures = [var.environment_variables]
}

run "lambdas_own_names_are_refused" {
  command = plan
  variables { environment_variables = { AWS_REGION = "eu-central-1" } }
  expect_failures = [var.environment_variables]
}

run "a_name_with_a_dash_is_refused" {
  command = plan
  variables { environment_variables = { "OPENCLAW-TABLE" = "x" } }
  expect_failures = [var.environment_variables]
}

run "one_subnet_is_too_few" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] } }
  expect_failures = [var.vpc]
}

run "a_key_id_is_not_an_arn" {
  command = plan
  variables { kms_key_arn = "alias/openclaw" }
  expect_failures = [var.kms_key_arn]
}

run "a_logs_key_id_is_not_an_arn" {
  command = plan
  variables { logs_kms_key_arn = "alias/openclaw" }
  expect_failures = [var.logs_kms_key_arn]
}

run "a_retention_is_one_that_exists" {
  command = plan
  variables { log_retention_days = 91 }
  expect_failures = [var.log_retention_days]
}

run "an_unknown_tracing_mode_is_refused" {
  command = plan
  variables { tracing_mode = "On" }
  expect_failures = [var.tracing_mode]
}
