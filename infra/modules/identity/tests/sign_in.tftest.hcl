# Planned without a mock, so that the provider's own rules and defaults are applied; nothing calls AWS.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name          = "openclaw-test"
  callback_urls = ["https://app.example.com/callback"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "self sign-up must be off by default"
  }
  assert {
    condition     = aws_cognito_user_pool.this.mfa_configuration == "ON" && aws_cognito_user_pool.this.software_token_mfa_configuration[0].enabled
    error_message = "MFA must be on, with an authenticator app"
  }
  assert {
    condition     = length(aws_cognito_user_pool.this.sms_configuration) == 0
    error_message = "no second factor may be sent as a text message"
  }
  assert {
    condition     = aws_cognito_user_pool.this.password_policy[0].minimum_length == 12
    error_message = "a password must have at least 12 characters"
  }
  assert {
    condition = (
      aws_cognito_user_pool.this.password_policy[0].require_lowercase && aws_cognito_user_pool.this.password_policy[0].require_uppercase &&
      aws_cognito_user_pool.this.password_policy[0].require_numbers && aws_cognito_user_pool.this.password_policy[0].require_symbols
    )
    error_message = "a password must have upper and lower case, a digit and a symbol"
  }
  assert {
    condition     = aws_cognito_user_pool.this.password_policy[0].temporary_password_validity_days == 3
    error_message = "an invitation must be valid for three days"
  }
  assert {
    condition     = aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "ENFORCED" && aws_cognito_user_pool.this.user_pool_tier == "PLUS"
    error_message = "threat protection must be enforced, on the tier that includes it"
  }
  assert {
    condition     = aws_cognito_risk_configuration.this["enforced"].compromised_credentials_risk_configuration[0].actions[0].event_action == "BLOCK"
    error_message = "a leaked password must be blocked"
  }
  assert {
    condition = (
      aws_cognito_risk_configuration.this["enforced"].account_takeover_risk_configuration[0].actions[0].medium_action[0].event_action == "MFA_REQUIRED" &&
      aws_cognito_risk_configuration.this["enforced"].account_takeover_risk_configuration[0].actions[0].high_action[0].event_action == "BLOCK"
    )
    error_message = "a risky sign-in must need the second factor, and a very risky one be blocked"
  }
  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "deletion protection must be on by default"
  }
  assert {
    condition     = [for r in aws_cognito_user_pool.this.account_recovery_setting[0].recovery_mechanism : r.name] == ["verified_email"]
    error_message = "an account must be recovered through the verified mail address only"
  }
  assert {
    condition     = contains(aws_cognito_user_pool.this.user_attribute_update_settings[0].attributes_require_verification_before_update, "email")
    error_message = "a new mail address must be verified before it is used"
  }
  assert {
    condition     = !aws_cognito_user_pool_client.people.generate_secret && aws_cognito_user_pool_client.people.allowed_oauth_flows_user_pool_client
    error_message = "the people's client must be public"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.people.allowed_oauth_flows) == toset(["code"])
    error_message = "the people's client must use the code flow (with PKCE), and not the implicit one"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.people.allowed_oauth_scopes) == toset(["openid", "email", "openclaw/invoke"])
    error_message = "the people's client must request identity and the gateway"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.people.explicit_auth_flows) == toset(["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"])
    error_message = "no flow may send the password"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.people.callback_urls) == toset(["https://app.example.com/callback"])
    error_message = "people must be sent back to the given URLs only"
  }
  assert {
    condition     = aws_cognito_user_pool_client.people.prevent_user_existence_errors == "ENABLED" && aws_cognito_user_pool_client.people.enable_token_revocation
    error_message = "a failed sign-in must not reveal whether the user exists, and tokens must be revocable"
  }
  assert {
    condition     = length(aws_cognito_user_pool_client.machine) == 0 && length(aws_cognito_user_pool_domain.this) == 0 && output.domain_url == null
    error_message = "machine clients and the domain must be optional"
  }
  assert {
    condition     = aws_cognito_resource_server.this.identifier == "openclaw" && [for s in aws_cognito_resource_server.this.scope : s.scope_name] == ["invoke"]
    error_message = "the scope must be openclaw/invoke"
  }
}

run "sign_up_can_be_opened" {
  command = plan
  variables { self_sign_up = true }

  assert {
    condition     = !aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "self_sign_up must reach the pool"
  }
}

run "the_second_factor_can_be_left_out" {
  command = plan
  variables { mfa = "OFF" }

  assert {
    condition     = aws_cognito_user_pool.this.mfa_configuration == "OFF" && length(aws_cognito_user_pool.this.software_token_mfa_configuration) == 0
    error_message = "mfa = OFF must reach the pool"
  }
}

run "threat_protection_can_be_turned_off" {
  command = plan
  variables { threat_protection = "OFF" }

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_add_ons[0].advanced_security_mode == "OFF" && aws_cognito_user_pool.this.user_pool_tier == "ESSENTIALS" && length(aws_cognito_risk_configuration.this) == 0
    error_message = "OFF must not need the tier Plus"
  }
}

run "a_test_pool_can_be_deleted" {
  command = plan
  variables { deletion_protection = false }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "INACTIVE"
    error_message = "deletion_protection must reach the pool"
  }
}

run "tokens_live_as_long_as_said" {
  command = plan
  variables {
    token_validity = { access_minutes = 15, refresh_days = 1 }
  }

  assert {
    condition = (
      aws_cognito_user_pool_client.people.access_token_validity == 15 && aws_cognito_user_pool_client.people.token_validity_units[0].access_token == "minutes" &&
      aws_cognito_user_pool_client.people.id_token_validity == 60 && aws_cognito_user_pool_client.people.token_validity_units[0].id_token == "minutes" &&
      aws_cognito_user_pool_client.people.refresh_token_validity == 1 && aws_cognito_user_pool_client.people.token_validity_units[0].refresh_token == "days"
    )
    error_message = "lifetimes must reach the client in their units"
  }
}

run "tests_may_sign_in_by_password" {
  command = plan
  variables { password_sign_in = true }

  assert {
    condition     = contains(aws_cognito_user_pool_client.people.explicit_auth_flows, "ALLOW_USER_PASSWORD_AUTH")
    error_message = "password_sign_in must reach the client"
  }
}

run "machines_have_client_credentials_and_nothing_else" {
  command = plan
  variables {
    domain_prefix   = "openclaw-test"
    machine_clients = { batch = {} }
  }

  assert {
    condition     = aws_cognito_user_pool_client.machine["batch"].generate_secret && toset(aws_cognito_user_pool_client.machine["batch"].allowed_oauth_flows) == toset(["client_credentials"])
    error_message = "a machine client must have a secret and client credentials"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.machine["batch"].allowed_oauth_scopes) == toset(["openclaw/invoke"]) && toset(aws_cognito_user_pool_client.machine["batch"].explicit_auth_flows) == toset(["ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "a machine client may call the gateway, and nobody may sign in with it"
  }
  assert {
    condition     = aws_cognito_user_pool_domain.this["prefix"].domain == "openclaw-test" && output.domain_url == "https://openclaw-test.auth.eu-central-1.amazoncognito.com"
    error_message = "the token endpoint must have its domain"
  }
}
