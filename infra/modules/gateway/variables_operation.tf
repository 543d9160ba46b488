# What operators see: logs, the audit bucket, alarms, traces.

variable "tracing" {
  description = "Tracing of the functions and of the API for streams in X-Ray: Active (Lambda and API Gateway sample requests) or PassThrough (a function follows what called it)."
  type        = string
  default     = "PassThrough"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing must be Active or PassThrough; got ${var.tracing}"
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept: one of the periods that CloudWatch Logs offers."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 or another period that CloudWatch Logs offers; got ${var.log_retention_days}"
  }
}

variable "audit" {
  description = "Retention in the buckets of the audit trail. lock_mode is COMPLIANCE (nobody, not even the account's root user, can delete an entry early) or GOVERNANCE (a special permission can). An entry is locked for lock_days, moves to Glacier Instant Retrieval after archive_days (S3 leaves those below 128 KB where they are) and is deleted after keep_days. Texts of agents with `audit: full` are in a bucket without a lock, and are deleted after contents_days."
  type = object({
    lock_mode    = optional(string, "COMPLIANCE")
    lock_days    = optional(number, 365)
    archive_days = optional(number, 90)
    keep_days    = optional(number, 730)

    contents_days = optional(number, 365)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.audit.lock_mode)
    error_message = "audit.lock_mode must be COMPLIANCE or GOVERNANCE; got ${var.audit.lock_mode}"
  }
  validation {
    condition = alltrue([for days in [var.audit.lock_days, var.audit.archive_days, var.audit.keep_days, var.audit.contents_days] : days >= 1 && days <= 36500 && floor(days) == days]) && (
      var.audit.keep_days >= var.audit.lock_days && var.audit.archive_days < var.audit.keep_days
    )
    error_message = "the days in audit must be whole numbers from 1 to 36500, with keep_days at least lock_days and above archive_days; got ${jsonencode(var.audit)}"
  }
}

variable "alarm_emails" {
  description = "Mail addresses that receive every alarm. Each must confirm its subscription."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "alarm_emails must be mail addresses; got ${join(", ", var.alarm_emails)}"
  }
}

variable "alarm_thresholds" {
  description = "Thresholds of alarms that differ from the defaults; modules/observability/variables.tf describes each and sets its default, and modules/ollama/variables.tf those of the Ollama host."
  type = object({
    latency_p95_ms               = optional(number)
    overhead_p95_ms              = optional(number)
    error_percent                = optional(number)
    error_minimum_requests       = optional(number)
    requests_per_minute          = optional(number)
    throttles                    = optional(number)
    function_errors              = optional(number)
    refusals                     = optional(number)
    firewall_blocks              = optional(number)
    table_throttles              = optional(number)
    table_errors                 = optional(number)
    certificate_days             = optional(number)
    provider_errors              = optional(number)
    provider_throttles           = optional(number)
    refused_configurations       = optional(number)
    policy_denials               = optional(number)
    archive_age_minutes          = optional(number)
    dropped_events               = optional(number)
    websocket_failures           = optional(number)
    websocket_refusals           = optional(number)
    reserved_concurrency_percent = optional(number)
    account_concurrency_percent  = optional(number)
    ollama_memory_percent        = optional(number)
    ollama_disk_percent          = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name, threshold in var.alarm_thresholds : threshold == null ? true : threshold >= 0 && (!endswith(name, "_percent") || threshold < 100)])
    error_message = "alarm_thresholds must not be negative, and a percentage must be below 100; got ${jsonencode(var.alarm_thresholds)}"
  }
}

variable "account_concurrency_limit" {
  description = "The account's quota \"Concurrent executions\" of Lambda in the region. New accounts may have less than 1000. Below 450 no function has a reserve by default, because Lambda keeps 100 for functions without one."
  type        = number
  default     = 1000
  nullable    = false

  validation {
    condition     = var.account_concurrency_limit >= 10
    error_message = "account_concurrency_limit must be at least 10; got ${var.account_concurrency_limit}"
  }
}
