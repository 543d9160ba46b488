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
