variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "functions" {
  description = "Functions behind the API, by short name: the ARN of the alias that is invoked, and its parts. health answers what no route matches."
  type = map(object({
    arn           = string
    function_name = string
    alias         = string
  }))

  validation {
    condition     = contains(keys(var.functions), local.default_function)
    error_message = "functions must contain ${local.default_function}, which answers what no route matches; got ${join(", ", keys(var.functions))}"
  }
}

variable "default_endpoint" {
  description = "Whether the API answers by the name that AWS assigns; false when it has a name of its own."
  type        = bool
  default     = true
}

variable "http_routes" {
  description = "Route keys such as \"ANY /v1/agent/{proxy+}\", and the function that serves them."
  type = map(object({
    function   = string
    route_keys = list(string)
  }))

  validation {
    condition     = alltrue([for route in values(var.http_routes) : contains(keys(var.functions), route.function)])
    error_message = "each function in http_routes must be one of ${join(", ", keys(var.functions))}; got ${join(", ", [for name, route in var.http_routes : "${name} = ${route.function}"])}"
  }
  validation {
    condition     = alltrue([for key in flatten(values(var.http_routes)[*].route_keys) : can(regex("^(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[^ ]*$", key))])
    error_message = "a route key in http_routes must be a method or ANY, a space and a path; got ${join(", ", flatten(values(var.http_routes)[*].route_keys))}"
  }
  validation {
    condition     = length(distinct(flatten(values(var.http_routes)[*].route_keys))) == length(flatten(values(var.http_routes)[*].route_keys))
    error_message = "a route key in http_routes must occur once; got ${join(", ", sort(flatten(values(var.http_routes)[*].route_keys)))}"
  }
}

variable "authorizer" {
  description = "Whether the API verifies tokens before it invokes a function, which verifies them again. It is false where API Gateway cannot reach the user pool."
  type        = bool
  default     = true
}

variable "issuer" {
  description = "Issuer of the tokens: the URL of the user pool."
  type        = string

  validation {
    condition     = startswith(var.issuer, "https://")
    error_message = "issuer must be an https URL; got ${var.issuer}"
  }
}

variable "audience" {
  description = "Ids of the clients whose tokens are accepted."
  type        = list(string)

  validation {
    condition     = length(var.audience) > 0
    error_message = "audience must contain a client id; got ${jsonencode(var.audience)}"
  }
}

variable "allowed_origins" {
  description = "Origins of web pages that may call the API, as in cors.allowed_origins of the gateway's configuration. When empty, the functions answer preflight requests."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "allowed_origins must be origins such as https://app.example.org, without a path or *; got ${join(", ", var.allowed_origins)}"
  }
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
