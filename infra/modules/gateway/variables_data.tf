# Who can reach the data besides the gateway.

variable "break_glass_role_arns" {
  description = "ARNs of the roles that may read and write the table's items in an emergency, if their own policy allows it. By default nobody can but the functions, administrators included."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.break_glass_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "break_glass_role_arns must be ARNs of roles, without wildcards; got ${jsonencode(var.break_glass_role_arns)}"
  }
}
