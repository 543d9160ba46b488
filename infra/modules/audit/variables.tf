variable "name" {
  description = "Name of the deployment, such as openclaw-prod; the buckets' names begin with it."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the table and the buckets of the audit trail."
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

variable "contents_days" {
  description = "Days after which texts of agents with `audit: full` are deleted."
  type        = number
}

variable "archive_role_arn" {
  description = "ARN of the role of the function that writes the audit trail; nobody else can write there, or read the table."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", var.archive_role_arn))
    error_message = "archive_role_arn must be the ARN of a role, without wildcards; got ${var.archive_role_arn}"
  }
}

variable "writer_role_arns" {
  description = "ARNs of the roles that may leave entries in the table, if their own policy allows it; nobody else can."
  type        = list(string)

  validation {
    condition     = length(var.writer_role_arns) > 0 && alltrue([for arn in var.writer_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "writer_role_arns must be one or more ARNs of roles, without wildcards; got ${jsonencode(var.writer_role_arns)}"
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table."
  type        = bool
  default     = true
}

variable "local" {
  description = "Whether this is the local cloud, which has no TLS and names the sessions of a role."
  type        = bool
  default     = false
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
