# Wrong values fail the plan. Each run breaks several variables at once, and every one of them must be refused; what is
# checked against another variable is not checked when that one is refused already.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "wrong_values" {
  command = plan

  variables {
    region                      = "Frankfurt"
    project                     = "Open Claw"
    environment                 = "prod_1"
    cost_tags                   = { Environment = "mine" }
    permissions_boundary_arn    = "openclaw-boundary"
    environment_overrides       = { OPENCLAW_LOCAL = "1" }
    allowed_cross_region_models = { m = { regions = ["*"] } }
    log_level                   = "trace"
    architecture                = "arm"
    function_settings           = { jobs = {} }
    allowed_cidrs               = { all = { cidr = "203.0.113.0/24", owner = "o", reason = "r", expires = "2099-01-01" } }
    domain_name                 = "https://gateway.example.org"
  }

  expect_failures = [
    var.region,
    var.project,
    var.environment,
    var.cost_tags,
    var.permissions_boundary_arn,
    var.environment_overrides,
    var.allowed_cross_region_models,
    var.log_level,
    var.architecture,
    var.function_settings,
    var.allowed_cidrs,
    var.domain_name,
  ]
}

run "values_that_do_not_fit_together" {
  command = plan

  variables {
    front_door            = "alb"
    config_file           = "tests/configurations/broken.yaml"
    environment_overrides = { OPENCLAW__AGENTS__0__LLM__MODEL = "us.anthropic.claude" }
    function_settings     = { agent = { timeout_s = 1 } }
    secrets               = ["openai/api-key"]
    ollama                = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }

  expect_failures = [
    var.certificate_arn,
    var.config_file,
    var.environment_overrides,
    var.function_settings,
    var.secrets,
  ]
}

run "another_front_door_and_a_key_in_the_clear" {
  command = plan

  variables {
    front_door            = "nlb"
    local_endpoint_url    = "http://10.0.0.1:4566"
    environment_overrides = { OPENCLAW__PROVIDERS__OPENAI__HEADERS__AUTHORIZATION = "Bearer not-a-real-key" }

    host_permissions_boundary_arn = "openclaw-host-boundary"
  }

  expect_failures = [var.front_door, var.local_endpoint_url, var.environment_overrides, var.host_permissions_boundary_arn]
}
