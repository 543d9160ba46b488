# Who signs in, and where.

variable "existing_user_pool" {
  description = "User pool to use instead of one of our own, of any region: its id, the id of the people's client, those of machine clients by the names that openclaw.yaml uses under authentication.clients, and the URL of its sign-in pages if it has any. Groups `tenant:…`, clients and people are its owner's. The scope openclaw/invoke is not needed."
  type = object({
    id                 = string
    client_id          = string
    machine_client_ids = optional(map(string), {})
    domain_url         = optional(string)
  })
  default = null

  validation {
    condition     = (var.existing_user_pool == null) != (var.identity == null)
    error_message = "either identity or existing_user_pool must be set, and not both; got existing_user_pool = ${jsonencode(var.existing_user_pool)}"
  }
  validation {
    condition     = var.existing_user_pool == null ? true : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]_[A-Za-z0-9]+$", var.existing_user_pool.id))
    error_message = "existing_user_pool.id must be an id such as eu-central-1_AbCdEfGhI; got ${try(var.existing_user_pool.id, "null")}"
  }
  validation {
    condition     = var.existing_user_pool == null ? true : can(regex("^[a-z0-9]{1,128}$", var.existing_user_pool.client_id)) && alltrue([for id in values(var.existing_user_pool.machine_client_ids) : can(regex("^[a-z0-9]{26}$", id))])
    error_message = "ids of clients in existing_user_pool must be of a-z and 0-9, those of machine clients with 26 characters; got ${jsonencode(var.existing_user_pool)}"
  }
  validation {
    condition     = try(var.existing_user_pool.domain_url, null) == null ? true : can(regex("^https://[^/]+$", var.existing_user_pool.domain_url))
    error_message = "existing_user_pool.domain_url must be an https URL without a path; got ${jsonencode(try(var.existing_user_pool.domain_url, null))}"
  }
}

variable "identity" {
  description = "The user pool, as modules/identity/variables.tf describes it: how people sign in, who they are, machine clients and other identity providers (both need domain_prefix). firewall: whether a web application firewall protects its sign-in; null: if one protects the front door. null with existing_user_pool."
  type = object({
    callback_urls           = set(string)
    logout_urls             = optional(set(string), [])
    domain_prefix           = optional(string)
    firewall                = optional(bool)
    mfa                     = optional(string, "ON")
    password_minimum_length = optional(number, 12)
    password_sign_in        = optional(bool, false)
    self_sign_up            = optional(bool, false)
    threat_protection       = optional(string, "ENFORCED")
    token_validity = optional(object({
      access_minutes = optional(number, 60)
      id_minutes     = optional(number, 60)
      refresh_days   = optional(number, 30)
    }), {})
    machine_clients = optional(map(object({ scopes = optional(set(string), ["invoke"]) })), {})
    tenants         = optional(set(string), [])
    users           = optional(map(object({ email = string, groups = set(string) })), {})
    saml_providers = optional(map(object({
      metadata_url    = string
      email_attribute = optional(string, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")
    })), {})
    oidc_providers = optional(map(object({
      issuer      = string
      client_id   = string
      scopes      = optional(list(string), ["openid", "email"])
      email_claim = optional(string, "email")
    })), {})
  })
  default = null
}

variable "oidc_client_secrets" {
  description = "Client secret that each of identity.oidc_providers has issued to us, by the provider's name. Cognito returns it when it is read, so it is stored in the encrypted state."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
}
