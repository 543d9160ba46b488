# People of other identity providers. They are in none of our groups, and so have no role, until an admin adds them to one: a
# provider's claims never decide roles or tenants.

resource "aws_cognito_identity_provider" "saml" {
  for_each = var.saml_providers

  user_pool_id  = aws_cognito_user_pool.this.id
  provider_name = each.key
  provider_type = "SAML"

  provider_details = {
    MetadataURL             = each.value.metadata_url
    IDPSignout              = "true"
    RequestSigningAlgorithm = "rsa-sha256"
  }
  attribute_mapping = { email = each.value.email_attribute }

  # Cognito adds these from the metadata.
  lifecycle {
    ignore_changes = [
      provider_details["ActiveEncryptionCertificate"],
      provider_details["SLORedirectBindingURI"],
      provider_details["SSORedirectBindingURI"],
    ]
  }
}

resource "aws_cognito_identity_provider" "oidc" {
  for_each = var.oidc_providers

  user_pool_id  = aws_cognito_user_pool.this.id
  provider_name = each.key
  provider_type = "OIDC"

  provider_details = {
    oidc_issuer               = each.value.issuer
    client_id                 = each.value.client_id
    client_secret             = var.oidc_client_secrets[each.key]
    authorize_scopes          = join(" ", each.value.scopes)
    attributes_request_method = "GET"
  }
  attribute_mapping = { email = each.value.email_claim, username = "sub" }

  # Cognito adds these from the issuer's discovery document.
  lifecycle {
    ignore_changes = [
      provider_details["attributes_url"],
      provider_details["attributes_url_add_attributes"],
      provider_details["authorize_url"],
      provider_details["jwks_uri"],
      provider_details["token_url"],
    ]
  }
}
