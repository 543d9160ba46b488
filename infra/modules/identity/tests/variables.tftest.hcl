mock_provider "aws" {}

variables {
  name          = "openclaw-test"
  callback_urls = ["https://app.example.com/callback"]
}

run "wrong_values" {
  command = plan
  variables {
    mfa                     = "SMS"
    password_minimum_length = 11
    threat_protection       = "ON"
    domain_prefix           = "openclaw-aws"
    callback_urls           = []
    logout_urls             = ["http://app.example.com/"]
    token_validity          = { access_minutes = 1 }
    tenants                 = [""]
  }
  expect_failures = [
    var.mfa,
    var.password_minimum_length,
    var.threat_protection,
    var.domain_prefix,
    var.callback_urls,
    var.logout_urls,
    var.token_validity,
    var.tenants,
  ]
}

run "without_a_domain" {
  command = plan
  variables {
    callback_urls   = ["http://app.example.com/callback"]
    machine_clients = { batch = {} }
    users           = { alice = { email = "alice@example.com", groups = ["owner"] } }
    saml_providers  = { Okta = { metadata_url = "https://idp.example.com/metadata.xml" } }
  }
  expect_failures = [var.callback_urls, var.machine_clients, var.users, var.saml_providers]
}

run "with_a_domain" {
  command = plan
  variables {
    callback_urls   = ["http://localhost.example.com/"]
    domain_prefix   = "openclaw-test"
    machine_clients = { batch = { scopes = ["admin"] } }
    tenants         = ["acme:1"]
    saml_providers  = { Okta = { metadata_url = "http://idp.example.com/m.xml" } }
  }
  expect_failures = [var.callback_urls, var.machine_clients, var.tenants, var.saml_providers]
}

run "a_tenant_and_a_secret_must_exist" {
  command = plan
  variables {
    domain_prefix  = "openclaw-test"
    users          = { alice = { email = "alice@example.com", groups = ["tenant:acme"] } }
    oidc_providers = { Entra = { issuer = "https://login.example.com", client_id = "abc" } }
  }
  expect_failures = [var.users, var.oidc_client_secrets]
}

run "a_user_has_one_tenant_and_oidc_a_domain" {
  command = plan
  variables {
    tenants             = ["a", "b"]
    users               = { alice = { email = "alice@example.com", groups = ["tenant:a", "tenant:b"] } }
    oidc_providers      = { Entra = { issuer = "https://login.example.com", client_id = "abc" } }
    oidc_client_secrets = { Entra = "not-a-secret" }
  }
  expect_failures = [var.users, var.oidc_providers]
}

run "a_user_has_a_mail_address_and_oidc_https" {
  command = plan
  variables {
    domain_prefix       = "openclaw-test"
    users               = { alice = { email = "alice", groups = [] } }
    oidc_providers      = { Entra = { issuer = "http://login.example.com", client_id = "abc" } }
    oidc_client_secrets = { Entra = "not-a-secret" }
  }
  expect_failures = [var.users, var.oidc_providers]
}

run "a_user_name_is_not_a_mail_address" {
  command = plan
  variables { users = { "alice@example.com" = { email = "alice@example.com", groups = [] } } }
  expect_failures = [var.users]
}
