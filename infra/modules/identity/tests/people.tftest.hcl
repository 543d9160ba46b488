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
  callback_urls = ["http://localhost:8000/callback"]
  tenants       = ["acme", "other"]
  users = {
    alice = { email = "alice@example.com", groups = ["user", "tenant:acme"] }
    root  = { email = "root@example.com", groups = ["admin"] }
  }
}

run "by_default" {
  command = plan

  assert {
    condition     = toset([for g in aws_cognito_user_group.this : g.name]) == toset(["admin", "operator", "user", "tenant:acme", "tenant:other"])
    error_message = "the groups must be admin, operator, user and one for each tenant"
  }
  assert {
    condition     = alltrue([for g in aws_cognito_user_group.this : g.role_arn == null])
    error_message = "groups must decide in the gateway, and not in AWS"
  }
  assert {
    condition     = aws_cognito_user.this["alice"].attributes["email"] == "alice@example.com" && aws_cognito_user.this["alice"].attributes["email_verified"] == "true"
    error_message = "the invitation must go to the mail address"
  }
  assert {
    condition     = alltrue([for u in aws_cognito_user.this : toset(u.desired_delivery_mediums) == toset(["EMAIL"]) && u.message_action == null])
    error_message = "the invitation must be sent, by mail"
  }
  assert {
    condition     = alltrue([for u in aws_cognito_user.this : u.password == null && u.temporary_password == null])
    error_message = "Cognito must generate the password, so that the state never contains it"
  }
  assert {
    condition     = toset([for m in aws_cognito_user_in_group.this : "${m.username}:${m.group_name}"]) == toset(["alice:user", "alice:tenant:acme", "root:admin"])
    error_message = "each person must be in exactly the named groups"
  }
  assert {
    condition     = length(aws_cognito_identity_provider.saml) == 0 && length(aws_cognito_identity_provider.oidc) == 0 && toset(aws_cognito_user_pool_client.people.supported_identity_providers) == toset(["COGNITO"])
    error_message = "other identity providers must be optional"
  }
}

run "without_people_there_are_only_the_roles" {
  command = plan
  variables {
    tenants = []
    users   = {}
  }

  assert {
    condition     = length(aws_cognito_user.this) == 0 && length(aws_cognito_user_in_group.this) == 0 && length(aws_cognito_user_group.this) == 3
    error_message = "only named people may be invited"
  }
}

run "saml_and_oidc_can_sign_in" {
  command = plan
  variables {
    domain_prefix       = "openclaw-test"
    saml_providers      = { Okta = { metadata_url = "https://idp.example.com/metadata.xml" } }
    oidc_providers      = { Entra = { issuer = "https://login.example.com/v2.0", client_id = "abc" } }
    oidc_client_secrets = { Entra = "not-a-secret" }
  }

  assert {
    condition     = aws_cognito_identity_provider.saml["Okta"].provider_type == "SAML" && aws_cognito_identity_provider.saml["Okta"].provider_details["MetadataURL"] == "https://idp.example.com/metadata.xml" && aws_cognito_identity_provider.saml["Okta"].provider_details["RequestSigningAlgorithm"] == "rsa-sha256"
    error_message = "SAML must be set up by its metadata, with signed requests"
  }
  assert {
    condition     = aws_cognito_identity_provider.oidc["Entra"].provider_type == "OIDC" && aws_cognito_identity_provider.oidc["Entra"].provider_details["oidc_issuer"] == "https://login.example.com/v2.0" && aws_cognito_identity_provider.oidc["Entra"].provider_details["authorize_scopes"] == "openid email"
    error_message = "OpenID Connect must be set up by its issuer"
  }
  assert {
    condition     = toset(aws_cognito_user_pool_client.people.supported_identity_providers) == toset(["COGNITO", "Okta", "Entra"])
    error_message = "people must be able to sign in with each of them"
  }
  assert {
    condition     = alltrue([for p in merge(aws_cognito_identity_provider.saml, aws_cognito_identity_provider.oidc) : length([for k in keys(p.attribute_mapping) : k if strcontains(k, "group") || strcontains(k, "custom")]) == 0])
    error_message = "a provider's claims must decide neither roles nor tenants"
  }
}
