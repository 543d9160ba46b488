# Production without a firewall needs somebody who accepts it.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables { environment = "prod" }

run "it_is_refused" {
  command         = plan
  expect_failures = [var.accept_no_waf]
}

run "by_any_of_its_names" {
  command = plan
  variables { environment = "production" }
  expect_failures = [var.accept_no_waf]
}

run "a_load_balancer_without_a_firewall_too" {
  command = plan
  variables {
    front_door      = "alb"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
    waf             = false
  }
  expect_failures = [var.accept_no_waf]
}

run "accepted" {
  command = plan
  variables { accept_no_waf = { owner = "platform", reason = "internal pilot", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }

  assert {
    condition     = local.no_waf == "accepted" && length(module.api) == 1
    error_message = "an acceptance must let the plan succeed"
  }
}

run "accepted_until_its_last_day" {
  command = plan
  variables { accept_no_waf = { owner = "platform", reason = "internal pilot", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "0h")) } }
  expect_failures = [check.accept_no_waf]

  assert {
    condition     = local.no_waf == "ending"
    error_message = "it must hold until the end of its day, with a warning"
  }
}

run "expired" {
  command = plan
  variables { accept_no_waf = { owner = "platform", reason = "internal pilot", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h")) } }
  expect_failures = [aws_ssm_parameter.configuration]
}

run "too_long" {
  command = plan
  variables { accept_no_waf = { owner = "platform", reason = "internal pilot", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "8808h")) } }
  expect_failures = [var.accept_no_waf]
}

run "by_nobody" {
  command = plan
  variables { accept_no_waf = { owner = " ", reason = "internal pilot", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  expect_failures = [var.accept_no_waf]
}

run "not_a_date" {
  command = plan
  variables { accept_no_waf = { owner = "platform", reason = "pilot", expires = "soon" } }
  expect_failures = [var.accept_no_waf]
}

run "other_environments_need_none" {
  command = plan
  variables { environment = "product-test" }

  assert {
    condition     = !local.unprotected_production && local.no_waf == "none"
    error_message = "only production must be accepted"
  }
}

run "nor_does_a_firewall" {
  command = plan
  variables {
    front_door      = "alb"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  }

  assert {
    condition     = !local.unprotected_production && module.edge[0].web_acl_arn != null
    error_message = "a load balancer with a firewall needs no acceptance"
  }
}
