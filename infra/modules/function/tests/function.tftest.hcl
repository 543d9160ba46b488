# Planned without a mock, so that policies are rendered and their text can be asserted; nothing calls AWS.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
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

run "by_default" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.function_name == "openclaw-test-agents"
    error_message = "two environments in one account must have functions of their own"
  }
  assert {
    condition     = join(",", aws_lambda_function.this.architectures) == "arm64"
    error_message = "the architecture must be the given one"
  }
  assert {
    condition     = aws_lambda_function.this.runtime == "provided.al2023" && aws_lambda_function.this.handler == "bootstrap"
    error_message = "the function must be an executable on provided.al2023"
  }
  assert {
    condition     = aws_lambda_function.this.filename == "tests/bootstrap.zip" && aws_lambda_function.this.source_code_hash == filebase64sha256("tests/bootstrap.zip")
    error_message = "a changed package must appear in the plan"
  }
  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1 && length(aws_lambda_provisioned_concurrency_config.this) == 0 && length(aws_appautoscaling_target.this) == 0
    error_message = "nothing may be reserved or provisioned by default"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/openclaw-test-agents" && aws_cloudwatch_log_group.this.retention_in_days == 90 && aws_cloudwatch_log_group.this.kms_key_id == var.logs_kms_key_arn
    error_message = "the log group must be kept for 90 days and encrypted with the logs key"
  }
  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/openclaw-test-agents" && aws_lambda_function.this.logging_config[0].log_format == "Text"
    error_message = "the function must log there, with its own JSON lines unwrapped"
  }
  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "PassThrough"
    error_message = "tracing must be PassThrough"
  }
  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0
    error_message = "a function must run outside the VPC by default"
  }
}

run "x86_64_can_be_chosen" {
  command = plan
  variables { architecture = "x86_64" }

  assert {
    condition     = join(",", aws_lambda_function.this.architectures) == "x86_64"
    error_message = "the variable must reach the function"
  }
}

run "size_and_time_are_as_given" {
  command = plan
  variables {
    memory_mb            = 1024
    timeout_s            = 120
    reserved_concurrency = 50
  }

  assert {
    condition     = aws_lambda_function.this.memory_size == 1024 && aws_lambda_function.this.timeout == 120 && aws_lambda_function.this.reserved_concurrent_executions == 50
    error_message = "memory, timeout and reserved concurrency must reach the function"
  }
}

run "warm_environments_follow_the_load" {
  command = plan
  variables {
    provisioned_concurrency = { min = 2, max = 10 }
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.this["live"].qualifier == "live" && aws_lambda_provisioned_concurrency_config.this["live"].provisioned_concurrent_executions == 2
    error_message = "the minimum must be provisioned on the alias"
  }
  assert {
    condition     = aws_appautoscaling_target.this["live"].resource_id == "function:openclaw-test-agents:live" && aws_appautoscaling_target.this["live"].min_capacity == 2 && aws_appautoscaling_target.this["live"].max_capacity == 10
    error_message = "the alias must scale between minimum and maximum"
  }
  assert {
    condition = (
      aws_appautoscaling_policy.this["live"].policy_type == "TargetTrackingScaling" &&
      aws_appautoscaling_policy.this["live"].target_tracking_scaling_policy_configuration[0].target_value == 0.7 &&
      aws_appautoscaling_policy.this["live"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "LambdaProvisionedConcurrencyUtilization"
    )
    error_message = "scaling must aim at 70 % of what is provisioned"
  }
}

run "the_environment_is_encrypted_with_our_key" {
  command = plan
  variables {
    environment_variables = { OPENCLAW_TABLE = "openclaw-test", LLM_API_KEY = "{{ secrets['openai/api-key'] }}" }
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn && aws_lambda_function.this.environment[0].variables["OPENCLAW_TABLE"] == "openclaw-test"
    error_message = "the environment must reach the function, encrypted with the given key"
  }
}

run "inside_the_vpc" {
  command = plan
  variables {
    vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition = (
      toset(aws_lambda_function.this.vpc_config[0].subnet_ids) == toset(["subnet-1", "subnet-2"]) &&
      toset(aws_lambda_function.this.vpc_config[0].security_group_ids) == toset(["sg-1"]) &&
      aws_lambda_function.this.vpc_config[0].ipv6_allowed_for_dual_stack
    )
    error_message = "the function must run in the given subnets, with IPv6"
  }
}
