# What protects the user pool.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "beside_an_http_api" {
  command = plan

  assert {
    condition     = length(module.sign_in_firewall) == 0
    error_message = "an HTTP API is chosen to avoid fixed cost, and a firewall has one"
  }
}

run "when_asked" {
  command = plan
  variables { identity = { callback_urls = ["http://localhost:8400/callback"], firewall = true } }

  assert {
    condition     = length(module.sign_in_firewall) == 1 && module.sign_in_firewall[0].metric_name == "openclaw-test-sign-in"
    error_message = "the pool must have a firewall beside an HTTP API too, if that is asked for"
  }
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    front_door      = "alb"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  }

  assert {
    condition     = length(module.sign_in_firewall) == 1
    error_message = "the pool must be protected as the load balancer is"
  }
}

run "a_pool_that_exists" {
  command = plan
  variables {
    front_door         = "alb"
    certificate_arn    = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
    identity           = null
    existing_user_pool = { id = "eu-central-1_AbCdEfGhI", client_id = "1example23456789abcdefghij" }
  }

  assert {
    condition     = length(module.sign_in_firewall) == 0
    error_message = "its protection is its owner's"
  }
}
