variable "name" {
  description = "The deployment's name, such as openclaw-prod; the table is called the same."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.name}"
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the table."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "recovery_days" {
  description = "How many days back the table can be restored to any second (1 to 35)."
  type        = number
  default     = 35

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "recovery_days must be a whole number from 1 to 35; got ${var.recovery_days}"
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  type        = bool
  default     = true
}
