variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got \"${var.name}\"."
  }
}

variable "functions" {
  description = "Functions behind the API: ARN of the alias that serves, and its parts."
  type = map(object({
    arn           = string
    function_name = string
    alias         = string
  }))

  validation {
    condition     = contains(keys(var.functions), var.default_function)
    error_message = "functions must hold default_function \"${var.default_function}\"; got ${join(", ", keys(var.functions))}."
  }
}

variable "default_function" {
  description = "Function that answers health checks and everything unrouted, without a token."
  type        = string
  default     = "health"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.default_function))
    error_message = "default_function must be the short name of a function; got \"${var.default_function}\"."
  }
}

variable "default_endpoint" {
  description = "Whether the API answers by the name that AWS gives it; false where it has one of its own."
  type        = bool
  default     = true
}

variable "http_routes" {
  description = "Route keys such as \"ANY /v1/agent/{proxy+}\" and the function that serves them."
  type = map(object({
    function   = string
    route_keys = list(string)
  }))

  validation {
    condition     = alltrue([for r in values(var.http_routes) : contains(keys(var.functions), r.function)])
    error_message = "http_routes: each function must be one of ${join(", ", keys(var.functions))}; got ${join(", ", [for name, r in var.http_routes : "${name} = \"${r.function}\"" if !contains(keys(var.functions), r.function)])}."
  }

  validation {
    condition = alltrue([for key in flatten(values(var.http_routes)[*].route_keys) : can(regex("^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*$", key))])
    error_message = "http_routes: a route key is a method or ANY, a space and a path; got ${join(", ", [
      for key in flatten(values(var.http_routes)[*].route_keys) : "\"${key}\"" if !can(regex("^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*$", key))
    ])}."
  }

  validation {
    condition     = length(distinct(flatten(values(var.http_routes)[*].route_keys))) == length(flatten(values(var.http_routes)[*].route_keys))
    error_message = "http_routes: no route key may occur twice; got ${join(", ", sort(flatten(values(var.http_routes)[*].route_keys)))}."
  }
}

variable "authorizer" {
  description = "Verifies tokens before a function runs; the functions verify again. Off only where the user pool cannot be reached."
  type        = bool
  default     = true
}

variable "issuer" {
  description = "Issuer of the tokens: the URL of the user pool."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://")
    error_message = "issuer must be an https URL; got \"${var.issuer}\"."
  }
}

variable "audience" {
  description = "Client ids whose tokens are taken."
  type        = list(string)

  validation {
    condition     = length(var.audience) > 0
    error_message = "audience must name at least one client id; got ${jsonencode(var.audience)}."
  }
}

variable "allowed_origins" {
  description = "Origins whose browsers may call the API; the same as cors.allowed_origins of the gateway's configuration. None: API Gateway adds nothing and the functions answer preflight requests."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "allowed_origins must hold origins such as https://app.example.org, no path and no *; got ${join(", ", var.allowed_origins)}."
  }
}

variable "throttling" {
  description = "Requests per second over all clients: steady rate, and burst above it."
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

variable "integration_timeout_ms" {
  description = "Milliseconds that API Gateway waits for a function; 30 s is its limit. The functions' deadline must be shorter, so that our own 504 comes first."
  type        = number
  default     = 30000

  validation {
    condition     = var.integration_timeout_ms >= 29000 && var.integration_timeout_ms <= 30000
    error_message = "integration_timeout_ms must be 29000 to 30000; got ${var.integration_timeout_ms}."
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
