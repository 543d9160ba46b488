variable "name" {
  description = "Name of the deployment, such as openclaw-prod; the secrets are named <name>/<secret>."
  type        = string
}

variable "environment" {
  description = "Name of the environment, such as prod. Each secret is tagged with it, and only roles with the same tag can read it."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secrets."
  type        = string
}

variable "secrets" {
  description = "Short names of the secrets, as the configuration refers to them."
  type        = set(string)
}

variable "reader_role_arns" {
  description = "ARNs of this deployment's roles that may read each secret, by its short name. Nobody can read a secret that has none."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.reader_role_arns), var.secrets)) == 0
    error_message = "reader_role_arns must name existing secrets only; got ${join(", ", keys(var.reader_role_arns))}"
  }
  validation {
    # Roles of another environment have another name, so naming one here by mistake fails the plan.
    condition     = alltrue([for arn in flatten(values(var.reader_role_arns)) : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/${var.name}-[^*?]+$", arn))])
    error_message = "reader_role_arns must be roles of this deployment (${var.name}-…) without wildcards; got ${join(", ", flatten(values(var.reader_role_arns)))}"
  }
}

variable "writer_role_arns" {
  description = "ARNs of the roles that may set the secrets' values; they need not be able to read them."
  type        = list(string)
}

variable "recovery_window_days" {
  description = "Days during which a deleted secret can be restored (7 to 30); 0: it is deleted at once."
  type        = number
}

variable "local" {
  description = "Whether the secrets are in the local cloud, which has no TLS and reports a role's session as the principal instead of the role."
  type        = bool
  default     = false
}
