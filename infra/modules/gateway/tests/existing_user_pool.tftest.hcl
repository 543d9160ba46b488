# A user pool that exists already.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  identity           = null
  existing_user_pool = { id = "eu-central-1_AbCdEfGhI", client_id = "people", machine_client_ids = { nightly-report = "1example23456789abcdefghij" }, domain_url = "https://login.example.org" }
}

run "its_tokens_are_accepted" {
  command = plan
  variables { config_bundle = "../../tests/configurations/machine/bundle.json" }

  assert {
    condition     = length(module.identity) == 0 && output.user_pool_id == "eu-central-1_AbCdEfGhI" && output.client_id == "people" && output.sign_in_url == "https://login.example.org"
    error_message = "no pool of ours may exist"
  }
  assert {
    condition     = output.issuer == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI" && local.pool.jwks_url == "${output.issuer}/.well-known/jwks.json"
    error_message = "the issuer must be that of the pool; got ${output.issuer}"
  }
  assert {
    condition     = local.environments["agent"]["OPENCLAW__AUTHENTICATION__USER_POOL_ID"] == "eu-central-1_AbCdEfGhI" && local.environments["agent"]["OPENCLAW__AUTHENTICATION__CLIENT_ID"] == "people"
    error_message = "the functions must verify tokens of the pool"
  }
  assert {
    condition     = strcontains(local.stored_text, "\"1example23456789abcdefghij\":") && !strcontains(local.stored_text, "\"nightly-report\":")
    error_message = "names of machine clients must be replaced by their ids"
  }
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    front_door      = "alb"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  }

  assert {
    condition     = local.verifies_tokens && length(module.edge) == 1
    error_message = "the listener must verify its tokens"
  }
}

run "neither" {
  command = plan
  variables { existing_user_pool = null }
  expect_failures = [var.existing_user_pool]
}

run "both" {
  command = plan
  variables { identity = { callback_urls = ["http://localhost:8400/callback"] } }
  expect_failures = [var.existing_user_pool]
}

run "another_region" {
  command = plan
  variables { existing_user_pool = { id = "us-east-1_AbCdEfGhI", client_id = "people" } }

  assert {
    condition     = output.issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
    error_message = "the issuer must be in the pool's region; got ${output.issuer}"
  }
}

run "another_region_without_the_internet" {
  command = plan
  variables {
    existing_user_pool       = { id = "us-east-1_AbCdEfGhI", client_id = "people" }
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }
  expect_failures = [var.functions_reach_internet]
}

run "wrong_values" {
  command = plan
  variables { existing_user_pool = { id = "openclaw", client_id = "people" } }
  expect_failures = [var.existing_user_pool]
}

run "a_client_that_is_not_one" {
  command = plan
  variables { existing_user_pool = { id = "eu-central-1_AbCdEfGhI", client_id = "People's client" } }
  expect_failures = [var.existing_user_pool]
}

run "a_machine_client_that_is_not_one" {
  command = plan
  variables { existing_user_pool = { id = "eu-central-1_AbCdEfGhI", client_id = "people", machine_client_ids = { nightly-report = "nightly" } } }
  expect_failures = [var.existing_user_pool]
}

run "sign_in_pages_with_a_path" {
  command = plan
  variables { existing_user_pool = { id = "eu-central-1_AbCdEfGhI", client_id = "people", domain_url = "https://login.example.org/oauth2" } }
  expect_failures = [var.existing_user_pool]
}

run "a_key_set_on_the_internet_only" {
  command = plan
  variables {
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }
  expect_failures = [var.functions_reach_internet]
}
