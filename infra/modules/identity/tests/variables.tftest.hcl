mock_provider "aws" {}

variables {
  name          = "openclaw-test"
  callback_urls = ["https://app.example.com/callback"]
}

run "a_bad_name_is_refused" {
  command = plan
  variables { name = "Open Claw" }
  expect_failures = [var.name]
}

run "an_unknown_mfa_is_refused" {
  command = plan
  variables { mfa = "SMS" }
  expect_failures = [var.mfa]
}

run "a_short_password_is_refused" {
  command = plan
  variables { password_minimum_length = 11 }
  expect_failures = [var.password_minimum_length]
}

run "an_unknown_protection_is_refused" {
  command = plan
  variables { threat_protection = "ON" }
  expect_failures = [var.threat_protection]
}

run "a_reserved_domain_is_refused" {
  command = plan
  variables { domain_prefix = "openclaw-aws" }
  expect_failures = [var.domain_prefix]
}

run "a_callback_is_needed" {
  command = plan
  variables { callback_urls = [] }
  expect_failures = [var.callback_urls]
}

run "a_callback_in_the_clear_is_refused" {
  command = plan
  variables { callback_urls = ["http://app.example.com/callback"] }
  expect_failures = [var.callback_urls]
}

run "localhost_is_a_host_not_a_prefix" {
  command = plan
  variables { callback_urls = ["http://localhost.example.com/"] }
  expect_failures = [var.callback_urls]
}

run "a_logout_in_the_clear_is_refused" {
  command = plan
  variables { logout_urls = ["http://app.example.com/"] }
  expect_failures = [var.logout_urls]
}

run "tokens_have_limits" {
  command = plan
  variables { token_validity = { access_minutes = 1 } }
  expect_failures = [var.token_validity]
}

run "machines_need_the_token_endpoint" {
  command = plan
  variables { machine_clients = { batch = {} } }
  expect_failures = [var.machine_clients]
}

run "machines_have_the_one_scope" {
  command = plan
  variables {
    domain_prefix   = "openclaw-test"
    machine_clients = { batch = { scopes = ["admin"] } }
  }
  expect_failures = [var.machine_clients]
}

run "a_tenant_without_a_name_is_refused" {
  command = plan
  variables { tenants = [""] }
  expect_failures = [var.tenants]
}

run "a_tenant_with_a_colon_is_refused" {
  command = plan
  variables { tenants = ["acme:1"] }
  expect_failures = [var.tenants]
}

run "an_unknown_group_is_refused" {
  command = plan
  variables { users = { alice = { email = "alice@example.com", groups = ["owner"] } } }
  expect_failures = [var.users]
}

run "an_unknown_tenant_is_refused" {
  command = plan
  variables { users = { alice = { email = "alice@example.com", groups = ["tenant:acme"] } } }
  expect_failures = [var.users]
}

run "two_tenants_are_refused" {
  command = plan
  variables {
    tenants = ["a", "b"]
    users   = { alice = { email = "alice@example.com", groups = ["tenant:a", "tenant:b"] } }
  }
  expect_failures = [var.users]
}

run "a_mail_address_is_needed" {
  command = plan
  variables { users = { alice = { email = "alice", groups = [] } } }
  expect_failures = [var.users]
}

run "a_user_name_is_no_mail_address" {
  command = plan
  variables { users = { "alice@example.com" = { email = "alice@example.com", groups = [] } } }
  expect_failures = [var.users]
}

run "saml_metadata_in_the_clear_is_refused" {
  command = plan
  variables { saml_providers = { Okta = { metadata_url = "http://idp.example.com/m.xml" } } }
  expect_failures = [var.saml_providers]
}

run "an_issuer_in_the_clear_is_refused" {
  command = plan
  variables {
    oidc_providers      = { Entra = { issuer = "http://login.example.com", client_id = "abc" } }
    oidc_client_secrets = { Entra = "not-a-secret" }
  }
  expect_failures = [var.oidc_providers]
}

run "saml_needs_the_sign_in_pages" {
  command = plan
  variables { saml_providers = { Okta = { metadata_url = "https://idp.example.com/metadata.xml" } } }
  expect_failures = [var.saml_providers]
}

run "oidc_needs_the_sign_in_pages" {
  command = plan
  variables {
    oidc_providers      = { Entra = { issuer = "https://login.example.com", client_id = "abc" } }
    oidc_client_secrets = { Entra = "not-a-secret" }
  }
  expect_failures = [var.oidc_providers]
}

run "oidc_needs_its_secret" {
  command = plan
  variables {
    domain_prefix  = "openclaw-test"
    oidc_providers = { Entra = { issuer = "https://login.example.com", client_id = "abc" } }
  }
  expect_failures = [var.oidc_client_secrets]
}
