variable "name" {
  description = "The deployment's name, such as openclaw-prod; it starts the buckets' names."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.name}"
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the audit bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "lock_mode" {
  description = "How audit entries are locked: COMPLIANCE (nobody, not even the account's root, deletes them before their time) or GOVERNANCE (who holds a special right does)."
  type        = string
  default     = "COMPLIANCE"

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.lock_mode)
    error_message = "lock_mode must be COMPLIANCE or GOVERNANCE; got ${var.lock_mode}"
  }
}

variable "lock_days" {
  description = "Days that an audit entry can be neither changed nor deleted."
  type        = number
  default     = 365

  validation {
    condition     = var.lock_days >= 1 && var.lock_days <= 36500 && floor(var.lock_days) == var.lock_days
    error_message = "lock_days must be a whole number from 1 to 36500; got ${var.lock_days}"
  }
}

variable "audit_days" {
  description = "Days after which an audit entry is deleted; not before its lock ends."
  type        = number
  default     = 730

  validation {
    condition     = var.audit_days >= var.lock_days && floor(var.audit_days) == var.audit_days
    error_message = "audit_days must be a whole number, not below lock_days; got ${var.audit_days} with ${var.lock_days}"
  }
}

variable "audit_archive_days" {
  description = "Days after which an audit entry moves to the archive class that still answers at once (Glacier Instant Retrieval); S3 leaves what is smaller than 128 KB where it is."
  type        = number
  default     = 90

  validation {
    condition     = var.audit_archive_days >= 1 && var.audit_archive_days < var.audit_days && floor(var.audit_archive_days) == var.audit_archive_days
    error_message = "audit_archive_days must be a whole number from 1 and below audit_days; got ${var.audit_archive_days} with ${var.audit_days}"
  }
}

variable "log_retention_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = var.log_retention_days >= 1 && floor(var.log_retention_days) == var.log_retention_days
    error_message = "log_retention_days must be a whole number from 1; got ${var.log_retention_days}"
  }
}

variable "force_destroy" {
  description = "Whether destroying the buckets deletes what is in them, for environments that come and go. COMPLIANCE locks hold even then."
  type        = bool
  default     = false
}
