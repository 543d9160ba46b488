# Ids are known only after an apply, so this run applies, to the mock, which creates nothing.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { dns_suffix = "amazonaws.com" }
  }
  mock_resource "aws_cognito_user_pool" {
    defaults = { id = "eu-central-1_abc" }
  }
}

variables {
  name            = "openclaw-test"
  callback_urls   = ["https://app.example.com/callback"]
  domain_prefix   = "openclaw-test"
  machine_clients = { batch = {} }
}

run "outputs_name_issuer_keys_and_clients" {
  command = apply

  assert {
    condition     = output.user_pool_id == "eu-central-1_abc" && output.issuer == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc"
    error_message = "the issuer must be the one in the tokens"
  }
  assert {
    condition     = output.jwks_url == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc/.well-known/jwks.json"
    error_message = "the key set must be at the issuer's address"
  }
  assert {
    condition     = output.client_id == aws_cognito_user_pool_client.people.id && output.machine_client_ids == { batch = aws_cognito_user_pool_client.machine["batch"].id }
    error_message = "the outputs must contain the clients' ids"
  }
}
