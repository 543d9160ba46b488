variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "function" {
  description = "Function that streams: the ARN of the alias that is invoked, and its parts."
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
  description = "Name of the stage, which is the first segment of every path."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9_]{1,32}$", var.stage_name))
    error_message = "stage_name must be 1 to 32 characters of a-z, 0-9 and _; got ${var.stage_name}"
  }
}

variable "allowed_cidrs" {
  description = "Networks that can reach the API, none if it is empty; null: all."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for cidr in coalesce(var.allowed_cidrs, []) : can(regex("^[0-9a-fA-F.:]+/[0-9]{1,3}$", cidr))])
    error_message = "allowed_cidrs must be networks such as 192.0.2.0/24 or 2001:db8::/48; got ${join(", ", coalesce(var.allowed_cidrs, []))}"
  }
}

variable "firewall" {
  description = "Regional web ACL that protects the API; null: none."
  type        = object({ arn = string })
  default     = null
}

variable "default_endpoint" {
  description = "Whether the API answers by the name that AWS assigns; false when it has a name of its own."
  type        = bool
  default     = true
}

variable "ipv6" {
  description = "Whether the API is reached over IPv6 as well as IPv4."
  type        = bool
  default     = false
}

variable "tracing" {
  description = "Whether API Gateway samples requests and traces them in X-Ray."
  type        = bool
  default     = false
}

variable "throttling" {
  description = "Requests per second over all clients: steady rate, and the burst above it."
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

variable "authorizer" {
  description = "Function that API Gateway asks whether a token is good, before it invokes the function that streams: the ARN of its alias, and its parts. null: none, and the function that streams refuses bad tokens itself."
  type = object({
    arn           = string
    function_name = string
    alias         = string
  })
  default = null
}
