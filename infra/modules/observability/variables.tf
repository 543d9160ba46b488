variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the topic; its policy must let cloudwatch.amazonaws.com use it, or no alarm is delivered."
  type        = string
}

variable "alarm_emails" {
  description = "Mail addresses that receive every alarm. Each must confirm its subscription."
  type        = set(string)
  default     = []
}

variable "functions" {
  description = "Functions of the gateway, by short name."
  type = map(object({
    function_name  = string
    log_group_name = string
    asynchronous   = optional(bool, false) # whether it is also invoked asynchronously, so that events may be dropped
    reports_to     = optional(bool, false) # whether a function receives a record of each dropped event

    reserved_concurrency = optional(number, -1) # -1: none
  }))

  validation {
    condition     = length(var.functions) > 0
    error_message = "functions must contain a function; got ${jsonencode(var.functions)}"
  }
}

variable "checked_function" {
  description = "Short name of the function that a health check invokes once a minute, and whose silence is an alarm; null: none."
  type        = string
  default     = null
}

variable "archive" {
  description = "Short name of the function that writes the audit trail, and name of the rule that invokes it for the manifest of a day; null: none."
  type        = object({ function = string, rule_name = string })
  default     = null
}

variable "agents" {
  description = "Names of the agents, each of which has an alarm on the gateway's part of its latency."
  type        = set(string)
  default     = []
}

variable "table" {
  description = "The table, and the names of its indexes."
  type        = object({ name = string, indexes = list(string) })
}

variable "firewall_names" {
  description = "Names of the firewalls' web ACLs in their metrics, by what each protects."
  type        = map(string)
  default     = {}
}

variable "certificate_arns" {
  description = "ARNs of the certificates, by a short name for their alarms."
  type        = map(string)
  default     = {}
}

variable "refusal_log_groups" {
  description = "Names of the access logs in which an API notes refusals of its own, which reach no function."
  type        = map(string)
  default     = {}
}

variable "ollama_host" {
  description = "The Ollama host on the dashboard: the namespace and the dimension Host of its metrics, its group, and whether it has a graphics card; null: none."
  type        = object({ namespace = string, host = string, group = string, gpu = bool })
  default     = null
}

variable "front_door" {
  description = "What receives requests: alb or apigateway."
  type        = string
}

variable "front_door_id" {
  description = "ARN suffix of the load balancer (app/name/id), or id of the API."
  type        = string
}

variable "stream_api" {
  description = "Name and stage of the REST API for streams; null: none."
  type        = object({ name = string, stage = string })
  default     = null
}

variable "websocket_api" {
  description = "Id and stage of the WebSocket API, and name of the function behind it; null: none."
  type        = object({ id = string, stage = string, function_name = string })
  default     = null
}

variable "account_concurrency_limit" {
  description = "The account's quota \"Concurrent executions\" of Lambda in this region."
  type        = number
}

variable "thresholds" {
  description = <<-EOT
    Thresholds above which an alarm fires.
    - latency_p95_ms: time from the front door to the answer, including the model's, except for streams; null: no alarm. 2000
      is what the reference system promises. It is off by default, because many models alone take longer.
    - overhead_p95_ms: the gateway's part of that time, over all requests and for each agent
    - error_percent: share of answers with status 5xx, if there are error_minimum_requests in five minutes
    - requests_per_minute: at the front door, at the API for streams, and events at the WebSocket API, each on its own
    - throttles: refused invocations of a function in a minute
    - function_errors: invocations of a function in five minutes that crashed or timed out
    - refusals: answers with 401 or 403 in five minutes
    - firewall_blocks: requests in five minutes that the firewall blocked
    - table_throttles, table_errors: throttled requests and errors of DynamoDB in five minutes
    - certificate_days: days before a certificate's end
    - provider_errors, provider_throttles: errors and throttled requests of providers in five minutes
    - refused_configurations: refused versions of the configuration in five minutes
    - policy_denials: calls and requests in a minute that policy denied or that need approval
    - archive_age_minutes: minutes between an entry of the audit trail and its archive
    - dropped_events: dropped asynchronous invocations in five minutes
    - websocket_failures, websocket_refusals: WebSocket events in five minutes that reached no function or made it fail, and
      those that it refused
    - reserved_concurrency_percent: share of a function's reserved concurrency in use
    - account_concurrency_percent: share of account_concurrency_limit in use
  EOT
  type = object({
    latency_p95_ms               = optional(number)
    overhead_p95_ms              = optional(number, 500)
    error_percent                = optional(number, 5)
    error_minimum_requests       = optional(number, 20)
    requests_per_minute          = optional(number, 1000)
    throttles                    = optional(number, 0)
    function_errors              = optional(number, 0)
    refusals                     = optional(number, 100)
    firewall_blocks              = optional(number, 100)
    table_throttles              = optional(number, 0)
    table_errors                 = optional(number, 0)
    certificate_days             = optional(number, 30)
    provider_errors              = optional(number, 5)
    provider_throttles           = optional(number, 20)
    refused_configurations       = optional(number, 0)
    policy_denials               = optional(number, 20)
    archive_age_minutes          = optional(number, 5)
    dropped_events               = optional(number, 0)
    websocket_failures           = optional(number, 0)
    websocket_refusals           = optional(number, 50)
    reserved_concurrency_percent = optional(number, 80)
    account_concurrency_percent  = optional(number, 80)
  })
  default = {}
}
