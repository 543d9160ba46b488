variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name is 3 to 32 of a-z, 0-9 and inner hyphens, a letter first; got ${var.name}"
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the topic. Its policy must let cloudwatch.amazonaws.com use it, or no alarm arrives."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "alarm_emails" {
  description = "Who gets a mail for each alarm. Each address must confirm its subscription."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "alarm_emails holds mail addresses; got ${join(", ", var.alarm_emails)}"
  }
}

variable "functions" {
  description = "The gateway's functions by their short names."
  type = map(object({
    function_name  = string
    log_group_name = string
    asynchronous   = optional(bool, false) # whether events wait for it, and may be dropped
  }))

  validation {
    condition     = length(var.functions) > 0
    error_message = "functions names at least one function; got ${jsonencode(var.functions)}"
  }
}

variable "front_door" {
  description = "What stands in front of the functions: alb or apigateway."
  type        = string

  validation {
    condition     = contains(["alb", "apigateway"], var.front_door)
    error_message = "front_door is alb or apigateway; got ${var.front_door}"
  }
}

variable "front_door_id" {
  description = "The load balancer's ARN suffix (app/name/id), or the API's id."
  type        = string

  validation {
    condition     = can(regex(var.front_door == "alb" ? "^app/" : "^[A-Za-z0-9]+$", var.front_door_id))
    error_message = "front_door_id is app/name/id for alb and an API's id for apigateway; got ${var.front_door_id}"
  }
}

variable "stream_api" {
  description = "The REST API through which streams go, and its stage."
  type        = object({ name = string, stage = string })
}

variable "websocket_api" {
  description = "The WebSocket API, its stage, and the name of the function behind it; null: none."
  type        = object({ id = string, stage = string, function_name = string })
  default     = null
}

variable "account_concurrency_limit" {
  description = "The account's quota \"Concurrent executions\" of Lambda in this region. New accounts may have less than 1000."
  type        = number
  default     = 1000

  validation {
    condition     = var.account_concurrency_limit >= 10
    error_message = "account_concurrency_limit is at least 10; got ${var.account_concurrency_limit}"
  }
}

variable "thresholds" {
  description = <<-EOT
    An alarm fires above its threshold.
    - latency_p95_ms: from the front door to the answer, the model's time included; not of streams
    - overhead_p95_ms: the gateway's part of it
    - error_percent: answers with status 5xx, counted from error_minimum_requests in five minutes on
    - requests_per_minute: at the front door, and as many at the API that streams, and events at the WebSocket API
    - throttles: refused invocations of a function in a minute
    - provider_errors, provider_throttles: in five minutes
    - refused_configurations: new versions of the configuration in five minutes
    - dropped_events: of asynchronous invocations in five minutes
    - websocket_failures, websocket_refusals: events of WebSockets that reached no function or broke it, and those that it
      refused, in five minutes
    - account_concurrency_percent: of account_concurrency_limit
  EOT
  type = object({
    latency_p95_ms              = optional(number, 2000)
    overhead_p95_ms             = optional(number, 500)
    error_percent               = optional(number, 5)
    error_minimum_requests      = optional(number, 20)
    requests_per_minute         = optional(number, 1000)
    throttles                   = optional(number, 0)
    provider_errors             = optional(number, 5)
    provider_throttles          = optional(number, 20)
    refused_configurations      = optional(number, 0)
    dropped_events              = optional(number, 0)
    websocket_failures          = optional(number, 0)
    websocket_refusals          = optional(number, 50)
    account_concurrency_percent = optional(number, 80)
  })
  default = {}

  validation {
    condition     = alltrue([for name, value in var.thresholds : value >= 0])
    error_message = "a threshold is not negative; got ${join(", ", [for name, value in var.thresholds : "${name} = ${value}" if value < 0])}"
  }

  validation {
    condition     = var.thresholds.error_percent < 100 && var.thresholds.account_concurrency_percent < 100
    error_message = "a percentage of 100 or more never alarms; got error_percent = ${var.thresholds.error_percent}, account_concurrency_percent = ${var.thresholds.account_concurrency_percent}"
  }
}
