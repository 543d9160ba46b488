variable "name" {
  description = "The deployment's name, such as openclaw-prod; the secrets are called <name>/<secret>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.name}"
  }
}

variable "environment" {
  description = "The environment's name, such as prod; each secret is tagged with it, and only roles tagged alike read it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 15 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.environment}"
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secrets."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "secrets" {
  description = "The secrets' short names, as the configuration file has them."
  type        = set(string)
  default     = ["bedrock/api-key", "openai/api-key", "anthropic/api-key", "ollama/token"]

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[a-z0-9-]+(/[a-z0-9-]+)*$", secret))])
    error_message = "secrets must be names of a-z, 0-9 and - with / between; got ${join(", ", var.secrets)}"
  }
  validation {
    # Secrets Manager adds a hyphen and six characters to the ARN and takes such an ending of a name for its own.
    condition     = alltrue([for secret in var.secrets : !can(regex("-[a-z0-9]{6}$", secret))])
    error_message = "secrets must not end with a hyphen and six characters, as Secrets Manager's own endings do; got ${join(", ", var.secrets)}"
  }
}

variable "reader_role_arns" {
  description = "Roles of this deployment that read each secret, by its short name. A secret without readers is read by nobody."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.reader_role_arns), var.secrets)) == 0
    error_message = "reader_role_arns must name only secrets that exist; got ${join(", ", keys(var.reader_role_arns))}"
  }
  validation {
    # Another environment's roles have another name: naming one here by mistake fails the plan.
    condition     = alltrue([for arn in flatten(values(var.reader_role_arns)) : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/${var.name}-[^*?]+$", arn))])
    error_message = "reader_role_arns must be roles of this deployment (${var.name}-…) without wildcards; got ${join(", ", flatten(values(var.reader_role_arns)))}"
  }
}

variable "writer_role_arns" {
  description = "Roles that set the secrets' values; they need not be able to read them. Terraform's own role makes the secrets without being one of these, but to change a description or the key later it must be."
  type        = list(string)

  validation {
    condition     = length(var.writer_role_arns) > 0 && alltrue([for arn in var.writer_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "writer_role_arns must be one or more role ARNs without wildcards; got ${join(", ", var.writer_role_arns)}"
  }
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be taken back (7 to 30); 0: gone at once, for environments that come and go."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30 && floor(var.recovery_window_days) == var.recovery_window_days)
    error_message = "recovery_window_days must be 0 or a whole number from 7 to 30; got ${var.recovery_window_days}"
  }
}

variable "local" {
  description = "Only for the local cloud, which has no TLS and names a role's session where AWS names the role."
  type        = bool
  default     = false
}
