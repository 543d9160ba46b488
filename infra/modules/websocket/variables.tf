variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got \"${var.name}\"."
  }
}

variable "function" {
  description = "Function behind every route: ARN of the alias that serves, and its parts."
  type = object({
    arn           = string
    function_name = string
    alias         = string
  })

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[^:]+:[0-9]{12}:function:[^:]+:[^:]+$", var.function.arn))
    error_message = "function.arn must be the ARN of an alias; got \"${var.function.arn}\"."
  }
}

variable "stage_name" {
  description = "Name of the stage, the only segment of the path."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9_]{1,32}$", var.stage_name))
    error_message = "stage_name must be 1 to 32 of a-z, 0-9 and _; got \"${var.stage_name}\"."
  }
}

variable "throttling" {
  description = "Connections and messages per second over all clients: steady rate, and burst above it."
  type = object({
    rate  = number
    burst = number
  })
  default = { rate = 100, burst = 200 }

  validation {
    # 0 would refuse everything; more than the account's limit is cut by AWS.
    condition     = var.throttling.rate >= 1 && var.throttling.burst >= var.throttling.rate && floor(var.throttling.burst) == var.throttling.burst
    error_message = "throttling: rate must be at least 1 and burst a whole number not below it; got ${jsonencode(var.throttling)}."
  }
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts the access log; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.logs_kms_key_arn))
    error_message = "logs_kms_key_arn must be the ARN of a KMS key; got \"${var.logs_kms_key_arn}\"."
  }
}

variable "log_retention_days" {
  description = "Days that the access log is kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows (30, 90, 180, 365, ...); got ${var.log_retention_days}."
  }
}
