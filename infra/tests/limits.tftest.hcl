# Wrong values fail the plan even where nothing is made that would take them. Each run breaks several variables at once;
# what is checked against another variable is in a run of its own.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "wrong_values" {
  command = plan

  variables {
    cost_tags                 = { Component = "mine" }
    package_dir               = "tests"
    domain_name               = "gateway.example.org"
    zone_id                   = "example.org"
    idle_timeout_s            = 9
    rate_limit_per_ip         = 1
    throttling                = { rate = 100, burst = 50 }
    vpc_cidr                  = "10.0.0.0/8"
    zone_count                = 9
    nat_gateways              = "two"
    identity                  = { callback_urls = [] }
    secrets                   = ["OpenAI"]
    secret_writer_role_arns   = ["arn:aws:iam::111122223333:role/*"]
    log_retention_days        = 100
    audit                     = { lock_mode = "NONE" }
    alarm_emails              = ["oncall"]
    alarm_thresholds          = { throttles = -1 }
    account_concurrency_limit = 9
  }

  expect_failures = [
    var.cost_tags,
    var.package_dir,
    var.zone_id,
    var.idle_timeout_s,
    var.rate_limit_per_ip,
    var.throttling,
    var.vpc_cidr,
    var.zone_count,
    var.nat_gateways,
    var.identity,
    var.secrets,
    var.secret_writer_role_arns,
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
    nat_gateways        = "none"
    ollama              = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
    oidc_client_secrets = { Corporate = "not-a-real-secret" }
    audit               = { lock_days = 800 }
  }

  expect_failures = [var.nat_gateways, var.oidc_client_secrets, var.audit]
}

run "a_host_without_models" {
  command = plan
  variables { ollama = { models = [], ollama_version = "0.30.6", ollama_sha256 = {} } }
  expect_failures = [var.ollama]
}
