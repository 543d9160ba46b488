# The user pool and how people sign in to it. clients.tf has the applications, people.tf the groups and people,
# federation.tf other identity providers.
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # The issuer as tokens name it, which is not the pool's dual-stack endpoint.
  issuer = "https://cognito-idp.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}/${aws_cognito_user_pool.this.id}"
}

resource "aws_cognito_user_pool" "this" {
  name                     = var.name
  user_pool_tier           = var.threat_protection == "OFF" ? "ESSENTIALS" : "PLUS"
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = var.mfa
  alias_attributes         = ["email"]
  auto_verified_attributes = ["email"]

  username_configuration {
    case_sensitive = false
  }

  admin_create_user_config {
    allow_admin_create_user_only = !var.self_sign_up
  }

  password_policy {
    minimum_length                   = var.password_minimum_length
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = 3
  }

  # An authenticator app only, because text messages can be diverted.
  dynamic "software_token_mfa_configuration" {
    for_each = var.mfa == "OFF" ? [] : [true]
    content {
      enabled = true
    }
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # A new mail address is used only after the user has confirmed it.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  user_pool_add_ons {
    advanced_security_mode = var.threat_protection
  }

  tags = { Component = "identity" }
}

# What ENFORCED means. Without this Cognito would assess the risk and permit every sign-in.
resource "aws_cognito_risk_configuration" "this" {
  for_each = var.threat_protection == "ENFORCED" ? { enforced = true } : {}

  user_pool_id = aws_cognito_user_pool.this.id

  compromised_credentials_risk_configuration {
    actions {
      event_action = "BLOCK"
    }
  }

  account_takeover_risk_configuration {
    actions {
      low_action {
        event_action = "MFA_IF_CONFIGURED"
        notify       = false
      }
      medium_action {
        event_action = "MFA_REQUIRED"
        notify       = false
      }
      high_action {
        event_action = "BLOCK"
        notify       = false
      }
    }
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  for_each = var.domain_prefix == null ? {} : { prefix = var.domain_prefix }

  domain       = each.value
  user_pool_id = aws_cognito_user_pool.this.id
}
