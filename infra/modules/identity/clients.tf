resource "aws_cognito_resource_server" "this" {
  identifier   = "openclaw"
  name         = "OpenClaw gateway"
  user_pool_id = aws_cognito_user_pool.this.id

  scope {
    scope_name        = "invoke"
    scope_description = "Call the gateway"
  }
}

# People: authorization code with PKCE. The client is public, so it has no secret that could leak; PKCE binds the code to
# the application that requested it. Cognito accepts a request without PKCE too, so the application must send it.
resource "aws_cognito_user_pool_client" "people" {
  name         = "${var.name}-people"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret                      = false
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "${aws_cognito_resource_server.this.identifier}/invoke"]
  callback_urls                        = var.callback_urls
  logout_urls                          = var.logout_urls
  supported_identity_providers = concat(
    ["COGNITO"],
    [for provider in aws_cognito_identity_provider.saml : provider.provider_name],
    [for provider in aws_cognito_identity_provider.oidc : provider.provider_name],
  )

  # SRP proves the password without sending it.
  explicit_auth_flows = concat(
    ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    var.password_sign_in ? ["ALLOW_USER_PASSWORD_AUTH"] : [],
  )

  # A failed sign-in must not reveal whether the user exists.
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity  = var.token_validity.access_minutes
  id_token_validity      = var.token_validity.id_minutes
  refresh_token_validity = var.token_validity.refresh_days

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

# Machines: client credentials. Cognito generates the secret, and the provider stores it in the state, which is encrypted.
resource "aws_cognito_user_pool_client" "machine" {
  for_each = var.machine_clients

  name         = "${var.name}-${each.key}"
  user_pool_id = aws_cognito_user_pool.this.id

  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = [for scope in each.value.scopes : "${aws_cognito_resource_server.this.identifier}/${scope}"]

  # Without a flow Cognito would permit SRP and custom challenges, and it accepts no empty list. This is the most limited flow.
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity = var.token_validity.access_minutes

  token_validity_units {
    access_token = "minutes"
  }
}
