variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "function" {
  description = "Function behind every route: the ARN of the alias that is invoked, and its parts."
  type = object({
    arn           = string
    function_name = string
    alias         = string
  })

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[^:]+:[0-9]{12}:function:[^:]+:[^:]+$", var.function.arn))
    error_message = "function.arn must be the ARN of an alias; got ${var.function.arn}"
  }
}

variable "stage_name" {
  description = "Name of the stage, which is the only segment of the path."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9_]{1,32}$", var.stage_name))
    error_message = "stage_name must be 1 to 32 characters of a-z, 0-9 and _; got ${var.stage_name}"
  }
}

variable "ipv6" {
  description = "Whether the API is reached over IPv6 as well as IPv4."
  type        = bool
  default     = false
}

variable "throttling" {
  description = "Connections and messages per second over all clients: steady rate, and the burst above it."
  type        = object({ rate = number, burst = number })
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the access log; its policy must let CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which the access log is kept."
  type        = number
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}

variable "local" {
  description = "Whether the API is on the local cloud, which has no settings of single routes."
  type        = bool
  default     = false
}
