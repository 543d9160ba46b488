variable "name" {
  description = "Name of the deployment, such as openclaw-prod, and of the user pool."
  type        = string
}

# ---- How people sign in

variable "mfa" {
  description = "Second factor with an authenticator app: ON (everybody), OPTIONAL (those who set one up) or OFF."
  type        = string
  default     = "ON"

  validation {
    condition     = contains(["ON", "OPTIONAL", "OFF"], var.mfa)
    error_message = "mfa must be ON, OPTIONAL or OFF; got ${var.mfa}"
  }
}

variable "password_minimum_length" {
  description = "Minimum length of a password (12 to 99). Upper and lower case, a digit and a symbol are required too."
  type        = number
  default     = 12

  validation {
    condition     = var.password_minimum_length >= 12 && var.password_minimum_length <= 99 && floor(var.password_minimum_length) == var.password_minimum_length
    error_message = "password_minimum_length must be a whole number from 12 to 99; got ${var.password_minimum_length}"
  }
}

variable "self_sign_up" {
  description = "Whether anybody may create an account. With false only invited people have one."
  type        = bool
  default     = false
}

variable "threat_protection" {
  description = "Cognito's threat protection: ENFORCED (blocks leaked passwords and risky sign-ins), AUDIT (only records them) or OFF. ENFORCED and AUDIT need the tier Plus."
  type        = string
  default     = "ENFORCED"

  validation {
    condition     = contains(["ENFORCED", "AUDIT", "OFF"], var.threat_protection)
    error_message = "threat_protection must be ENFORCED, AUDIT or OFF; got ${var.threat_protection}"
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the user pool."
  type        = bool
  default     = true
}

variable "domain_prefix" {
  description = "First label of the domain of the sign-in pages and the token endpoint (<prefix>.auth.<region>.amazoncognito.com), unique in the region; null: no domain."
  type        = string
  default     = null

  validation {
    condition     = var.domain_prefix == null ? true : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) && length(regexall("aws|amazon|cognito", var.domain_prefix)) == 0
    error_message = "domain_prefix must be 1 to 63 characters of a-z, 0-9 and - (not at the ends) without aws, amazon or cognito; got ${coalesce(var.domain_prefix, "null")}"
  }
}

variable "password_sign_in" {
  description = "Whether the people's client also accepts a password through the API (USER_PASSWORD_AUTH), as automated tests need. With false a password is accepted on Cognito's pages and through SRP only."
  type        = bool
  default     = false
}

# ---- The people's client

variable "callback_urls" {
  description = "URLs to which the sign-in pages may send people back: https, or http://localhost for a tool on one's own machine."
  type        = set(string)

  validation {
    condition     = length(var.callback_urls) > 0 && alltrue([for url in var.callback_urls : can(regex("^(https://[^#]+|http://localhost(:[0-9]+)?(/[^#]*)?)$", url))])
    error_message = "callback_urls must be one or more https (or http://localhost) URLs without a fragment; got ${join(", ", var.callback_urls)}"
  }
}

variable "logout_urls" {
  description = "URLs to which people may be sent after signing out."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.logout_urls : can(regex("^(https://[^#]+|http://localhost(:[0-9]+)?(/[^#]*)?)$", url))])
    error_message = "logout_urls must be https (or http://localhost) URLs without a fragment; got ${join(", ", var.logout_urls)}"
  }
}

variable "token_validity" {
  description = "Lifetime of tokens: access and id tokens in minutes (5 to 1440), refresh tokens in days (1 to 3650)."
  type = object({
    access_minutes = optional(number, 60)
    id_minutes     = optional(number, 60)
    refresh_days   = optional(number, 30)
  })
  default = {}

  validation {
    condition = alltrue([
      for minutes in [var.token_validity.access_minutes, var.token_validity.id_minutes] : minutes >= 5 && minutes <= 1440
    ]) && var.token_validity.refresh_days >= 1 && var.token_validity.refresh_days <= 3650
    error_message = "token_validity must have 5 to 1440 minutes and 1 to 3650 days; got ${jsonencode(var.token_validity)}"
  }
}

# ---- Machines

variable "machine_clients" {
  description = "Clients that receive tokens for client credentials, by name, each with its scopes. Cognito generates their secrets, which are stored in the state."
  type        = map(object({ scopes = optional(set(string), ["invoke"]) }))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.machine_clients) : can(regex("^[a-z][a-z0-9-]{0,63}$", name))])
    error_message = "names in machine_clients must be 1 to 64 characters of a-z, 0-9 and - and start with a letter; got ${join(", ", keys(var.machine_clients))}"
  }
  validation {
    condition     = alltrue([for client in var.machine_clients : length(client.scopes) > 0 && length(setsubtract(client.scopes, ["invoke"])) == 0])
    error_message = "scopes in machine_clients must be invoke, the only one; got ${jsonencode(var.machine_clients)}"
  }
  validation {
    condition     = length(var.machine_clients) == 0 || var.domain_prefix != null
    error_message = "machine_clients need domain_prefix, because they call the token endpoint; got ${join(", ", keys(var.machine_clients))} without one"
  }
}

# ---- Groups and people

variable "tenants" {
  description = "Ids of tenants. Each becomes a group tenant:<id>; a person in none of them belongs to the tenant default."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for tenant in var.tenants : can(regex("^[A-Za-z0-9_-]{1,64}$", tenant))])
    error_message = "tenants must be 1 to 64 characters of a-z, A-Z, 0-9, _ and -; got ${join(", ", var.tenants)}"
  }
}

variable "users" {
  description = "People by user name. Cognito mails each an invitation with a generated password, which nobody else sees."
  type = map(object({
    email  = string
    groups = set(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for user in var.users : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", user.email))])
    error_message = "each of users must have a mail address; got ${join(", ", [for user in var.users : user.email])}"
  }
  validation {
    # Cognito refuses a name that looks like a mail address if people can sign in with theirs.
    condition     = alltrue([for name in keys(var.users) : can(regex("^[A-Za-z0-9._-]{1,128}$", name))])
    error_message = "names of users must be 1 to 128 letters, digits, ., _ and -; got ${join(", ", keys(var.users))}"
  }
  validation {
    condition = alltrue([
      for user in var.users : length(setsubtract(user.groups, concat(["admin", "operator", "user"], [for tenant in var.tenants : "tenant:${tenant}"]))) == 0
    ])
    error_message = "groups of users must be admin, operator, user or tenant:<one of tenants>; got ${jsonencode({ for name, user in var.users : name => user.groups })}"
  }
  validation {
    condition     = alltrue([for user in var.users : length([for group in user.groups : group if startswith(group, "tenant:")]) <= 1])
    error_message = "each of users must be in at most one tenant, because the gateway refuses a token with two; got ${jsonencode({ for name, user in var.users : name => user.groups })}"
  }
}

# ---- Other identity providers

variable "saml_providers" {
  description = "SAML identity providers by name. Prefer them to OIDC, because they need no secret. email_attribute is the attribute that carries the mail address."
  type = map(object({
    metadata_url    = string
    email_attribute = optional(string, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.saml_providers) : can(regex("^[A-Za-z][A-Za-z0-9-]{2,31}$", name)) && name != "COGNITO"])
    error_message = "names of saml_providers must be 3 to 32 letters, digits and -; got ${join(", ", keys(var.saml_providers))}"
  }
  validation {
    condition     = alltrue([for provider in var.saml_providers : startswith(provider.metadata_url, "https://")])
    error_message = "metadata_url in saml_providers must be an https URL; got ${join(", ", [for provider in var.saml_providers : provider.metadata_url])}"
  }
  validation {
    condition     = length(var.saml_providers) == 0 || var.domain_prefix != null
    error_message = "saml_providers need domain_prefix, because they send people back to the sign-in pages; got ${join(", ", keys(var.saml_providers))} without one"
  }
}

variable "oidc_providers" {
  description = "OpenID Connect identity providers by name."
  type = map(object({
    issuer      = string
    client_id   = string
    scopes      = optional(list(string), ["openid", "email"])
    email_claim = optional(string, "email")
  }))
  default = {}

  validation {
    condition = (
      alltrue([for name in keys(var.oidc_providers) : can(regex("^[A-Za-z][A-Za-z0-9-]{2,31}$", name)) && name != "COGNITO"]) &&
      length(setintersection(keys(var.oidc_providers), keys(var.saml_providers))) == 0
    )
    error_message = "names of oidc_providers must be 3 to 32 letters, digits and -, and differ from those of saml_providers; got ${join(", ", keys(var.oidc_providers))}"
  }
  validation {
    condition     = alltrue([for provider in var.oidc_providers : startswith(provider.issuer, "https://") && contains(provider.scopes, "openid")])
    error_message = "oidc_providers must have an https issuer and the scope openid; got ${jsonencode(var.oidc_providers)}"
  }
  validation {
    condition     = length(var.oidc_providers) == 0 || var.domain_prefix != null
    error_message = "oidc_providers need domain_prefix, because they send people back to the sign-in pages; got ${join(", ", keys(var.oidc_providers))} without one"
  }
}

variable "oidc_client_secrets" {
  description = "Client secret that each of oidc_providers has issued to us, by name. Cognito returns it when it is read, so it is stored in the encrypted state."
  type        = map(string)
  default     = {}
  sensitive   = true

  validation {
    condition     = toset(keys(var.oidc_client_secrets)) == toset(keys(var.oidc_providers))
    error_message = "oidc_client_secrets must contain a secret for each of oidc_providers and no other; got ${join(", ", nonsensitive(keys(var.oidc_client_secrets)))}"
  }
}

variable "log_sign_ins" {
  description = "Whether threat protection writes what it has found to a log."
  type        = bool
  default     = false
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts that log; its policy must let CloudWatch Logs use it."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days for which that log is kept."
  type        = number
  default     = 90
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}
