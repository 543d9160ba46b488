variable "name" {
  description = "Name of the deployment, such as openclaw-prod; the buckets' names begin with it."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the audit bucket."
  type        = string
}

variable "lock_mode" {
  description = "Lock of audit entries: COMPLIANCE (nobody can delete an entry early) or GOVERNANCE (a special permission can)."
  type        = string
}

variable "lock_days" {
  description = "Days for which an audit entry can be neither changed nor deleted."
  type        = number
}

variable "audit_days" {
  description = "Days after which an audit entry is deleted; not before its lock ends."
  type        = number
}

variable "audit_archive_days" {
  description = "Days after which an audit entry moves to Glacier Instant Retrieval, which still answers at once."
  type        = number
}

variable "log_retention_days" {
  description = "Days for which access logs are kept."
  type        = number
}

variable "force_destroy" {
  description = "Whether destroying a bucket deletes its contents. Entries under a COMPLIANCE lock stay even then."
  type        = bool
  default     = false
}
