variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "user_pool_arn" {
  description = "ARN of the user pool that is protected."
  type        = string
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send to the user pool in five minutes."
  type        = number

  validation {
    condition     = var.rate_limit_per_ip >= 10 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip must be a whole number from 10; got ${var.rate_limit_per_ip}"
  }
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the log; its policy must let CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which the log is kept."
  type        = number
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}
