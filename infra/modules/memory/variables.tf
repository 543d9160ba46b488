variable "name" {
  description = "Name of the deployment, such as openclaw-prod, and of the table."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the table."
  type        = string
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table."
  type        = bool
  default     = true
}

variable "user_role_arns" {
  description = "ARNs of the roles that may read and write items, if their own policy allows it; nobody else can."
  type        = list(string)

  validation {
    condition     = length(var.user_role_arns) > 0 && alltrue([for arn in var.user_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "user_role_arns must be one or more ARNs of roles, without wildcards; got ${jsonencode(var.user_role_arns)}"
  }
}
