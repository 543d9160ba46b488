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
  log_retention_days       = 90
  architecture             = "arm64"
  memory_mb                = 512
}

run "wrong_values" {
  command = plan
  variables {
    function              = "agents_v2"
    memory_mb             = 64
    tracing               = "active"
    timeout_s             = 901
    reserved_concurrency  = -2
    environment_variables = { LLM_API_KEY = "sk-123" }
    vpc                   = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
  expect_failures = [
    var.function,
    var.memory_mb,
    var.tracing,
    var.timeout_s,
    var.reserved_concurrency,
    var.environment_variables,
    var.vpc,
  ]
}

run "wrong_values_2" {
  command = plan
  variables {
    reserved_concurrency    = 5
    provisioned_concurrency = { min = 1, max = 6 }
    environment_variables   = { AWS_REGION = "eu-central-1" }
  }
  expect_failures = [var.provisioned_concurrency, var.environment_variables]
}

run "wrong_values_3" {
  command = plan
  variables {
    environment_variables   = { "OPENCLAW-TABLE" = "x" }
    provisioned_concurrency = { min = 3, max = 2 }
  }
  expect_failures = [var.environment_variables, var.provisioned_concurrency]
}
