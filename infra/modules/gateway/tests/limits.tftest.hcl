# Wrong values fail the plan, even if nothing is created that uses them. Each run sets several wrong values, and every one must
# be refused. Terraform skips a check that refers to a variable that it has refused, so such checks are in other runs.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "wrong_values" {
  command = plan

  variables {
    project                       = "Open Claw"
    environment                   = "prod_1"
    permissions_boundary_arn      = "openclaw-boundary"
    host_permissions_boundary_arn = "openclaw-host-boundary"

    service_permissions_boundary_arn = "openclaw-service-boundary"

    config_bundle               = "tests/terraform.tfvars"
    environment_overrides       = { OPENCLAW_LOCAL = "1" }
    allowed_cross_region_models = { m = { regions = ["*"] } }
    secrets                     = ["OpenAI"]
    secret_writer_role_arns     = ["arn:aws:iam::111122223333:role/*"]
    log_level                   = "trace"
    break_glass_role_arns       = ["arn:aws:iam::111122223333:user/alice"]
    package_dir                 = "tests"
    architecture                = "arm"
    function_settings           = { jobs = {} }
    allowed_cidrs               = { all = { cidr = "203.0.113.0/24", owner = "o", approved_by = "a", reason = "r", expires = formatdate("YYYY-MM-DD", timestamp()) } }
    domain_name                 = "https://gateway.example.org"
    idle_timeout_s              = 9
    rate_limit_per_ip           = 1
    throttling                  = { rate = 100, burst = 50 }
    vpc_cidr                    = "10.0.0.0/8"
    zone_count                  = 9
    redirect_http               = true
    tracing                     = "on"
    log_retention_days          = 100
    audit                       = { lock_mode = "NONE" }
    alarm_emails                = ["oncall"]
    alarm_thresholds            = { throttles = -1 }
    account_concurrency_limit   = 9
  }

  expect_failures = [
    var.project,
    var.environment,
    var.permissions_boundary_arn,
    var.host_permissions_boundary_arn,
    var.service_permissions_boundary_arn,
    var.config_bundle,
    var.environment_overrides,
    var.allowed_cross_region_models,
    var.secrets,
    var.secret_writer_role_arns,
    var.log_level,
    var.break_glass_role_arns,
    var.package_dir,
    var.architecture,
    var.function_settings,
    var.allowed_cidrs,
    var.domain_name,
    var.idle_timeout_s,
    var.rate_limit_per_ip,
    var.throttling,
    var.vpc_cidr,
    var.zone_count,
    var.redirect_http,
    var.tracing,
    var.log_retention_days,
    var.audit,
    var.alarm_emails,
    var.alarm_thresholds,
    var.account_concurrency_limit,
  ]
}

run "values_that_do_not_fit_together" {
  command = plan

  variables {
    front_door              = "alb"
    environment_overrides   = { OPENCLAW__AGENTS__0__LLM__MODEL = "us.anthropic.claude" }
    function_settings       = { agent = { timeout_s = 1 } }
    secrets                 = ["openai/api-key"]
    secret_writer_role_arns = []
    ollama                  = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
    audit                   = { lock_days = 800 }
    alarm_thresholds        = { error_percent = 100 }
    vpc_cidr                = "172.32.0.0/16"
  }

  expect_failures = [
    var.certificate_arn,
    var.environment_overrides,
    var.function_settings,
    var.secrets,
    var.secret_writer_role_arns,
    var.audit,
    var.alarm_thresholds,
    var.vpc_cidr,
  ]
}

run "another_front_door_and_a_key_in_the_clear" {
  command = plan

  variables {
    front_door              = "nlb"
    environment_overrides   = { OPENCLAW__PROVIDERS__OPENAI__HEADERS__AUTHORIZATION = "Bearer not-a-real-key" }
    secrets                 = ["openai/client-secret"]
    secret_writer_role_arns = ["arn:aws:iam::111122223333:user/alice"]
    audit                   = { archive_days = 730 }
    alarm_thresholds        = { account_concurrency_percent = 100 }
  }

  expect_failures = [
    var.front_door,
    var.environment_overrides,
    var.secrets,
    var.secret_writer_role_arns,
    var.audit,
    var.alarm_thresholds,
  ]
}

run "a_name_without_a_certificate" {
  command = plan

  variables {
    domain_name      = "gateway.example.org"
    certificate_arn  = null
    audit            = { lock_days = 0 }
    functions_in_vpc = true
    nat_gateways     = "none"
    websocket        = false
  }

  expect_failures = [var.domain_name, var.audit, var.nat_gateways]
}

run "a_zone_that_is_not_one" {
  command = plan

  variables {
    domain_name        = "gateway.example.org"
    zone_id            = "example.org"
    nat_gateways       = "two"
    local_endpoint_url = "http://10.0.0.1:4566"
  }

  expect_failures = [var.zone_id, var.nat_gateways, var.local_endpoint_url]
}

run "a_zone_without_a_name" {
  command = plan
  variables { zone_id = "Z1" }
  expect_failures = [var.websocket_domain_name]
}
