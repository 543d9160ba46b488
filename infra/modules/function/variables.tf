variable "name" {
  description = "Name of the deployment, such as openclaw-prod; the function is named <name>-<function>."
  type        = string
}

variable "environment" {
  description = "Name of the environment, such as prod, with which the role is tagged."
  type        = string
}

variable "function" {
  description = "Short name of the function, such as agents."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.function))
    error_message = "function must be 1 to 31 characters of a-z, 0-9 and - and start with a letter; got ${var.function}"
  }
}

# ---- Code

variable "zip_path" {
  description = "Path of the function's package: a zip with the executable `bootstrap`, as `make package` builds it."
  type        = string
}

variable "architecture" {
  description = "Processor architecture of the package: arm64 or x86_64."
  type        = string
}

variable "environment_variables" {
  description = "Environment of the function. It must contain no secret, because the state and the console show its values."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.environment_variables) : can(regex("^[A-Za-z][A-Za-z0-9_]*$", key))])
    error_message = "names in environment_variables must be letters, digits and _; got ${join(", ", keys(var.environment_variables))}"
  }
  validation {
    condition = alltrue([
      for key in keys(var.environment_variables) :
      !can(regex("^AWS_(REGION|DEFAULT_REGION|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|EXECUTION_ENV|LAMBDA_.*)$", key))
    ])
    error_message = "environment_variables must not set what Lambda sets itself; got ${join(", ", keys(var.environment_variables))}"
  }
  validation {
    # The message leaves the value out, because it may be a key.
    condition     = can(regex("^([{][{].*[}][}])?$", lookup(var.environment_variables, "LLM_API_KEY", "")))
    error_message = "LLM_API_KEY must be a reference such as {{ secrets['openai/api-key'] }}, because the key itself would be stored in Terraform's state"
  }
}

# ---- Size

variable "memory_mb" {
  description = "Memory in MB (128 to 10240); processor time grows with it."
  type        = number

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240; got ${var.memory_mb}"
  }
}

variable "timeout_s" {
  description = "Seconds after which Lambda ends an invocation (1 to 900)."
  type        = number

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900 && floor(var.timeout_s) == var.timeout_s
    error_message = "timeout_s must be a whole number from 1 to 900; got ${var.timeout_s}"
  }
}

variable "reserved_concurrency" {
  description = "Concurrent invocations that are reserved for this function, which cannot exceed them; -1: it shares the account's, 0: it is stopped."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency >= -1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be -1 or a whole number from 0; got ${var.reserved_concurrency}"
  }
}

variable "provisioned_concurrency" {
  description = "Execution environments that are kept warm on the alias, scaled between min and max to be 70 % busy; null: none."
  type        = object({ min = number, max = number })
  default     = null

  validation {
    condition     = var.provisioned_concurrency == null ? true : var.provisioned_concurrency.min >= 1 && var.provisioned_concurrency.max >= var.provisioned_concurrency.min
    error_message = "provisioned_concurrency must have a min of at least 1 and a max of at least min; got ${jsonencode(var.provisioned_concurrency)}"
  }
  validation {
    condition     = var.provisioned_concurrency == null || var.reserved_concurrency == -1 ? true : var.provisioned_concurrency.max <= var.reserved_concurrency
    error_message = "provisioned_concurrency.max must not exceed reserved_concurrency; got ${jsonencode(var.provisioned_concurrency)} with ${var.reserved_concurrency}"
  }
}

# ---- Versions behind the alias

variable "stable_version" {
  description = "Published version that the alias invokes, for a canary or a rollback; null: the newest."
  type        = string
  default     = null

  validation {
    condition     = var.stable_version == null ? true : can(regex("^[1-9][0-9]*$", var.stable_version))
    error_message = "stable_version must be the number of a published version; got ${coalesce(var.stable_version, "null")}"
  }
}

variable "canary_weight" {
  description = "Share of the requests (0 to less than 1) that the newest version gets while stable_version gets the rest."
  type        = number
  default     = 0

  validation {
    condition     = var.canary_weight >= 0 && var.canary_weight < 1
    error_message = "canary_weight must be at least 0 and less than 1; got ${var.canary_weight}"
  }
  validation {
    condition     = var.canary_weight == 0 || var.stable_version != null
    error_message = "canary_weight needs a stable_version that gets the rest of the requests; got ${var.canary_weight} without one"
  }
  validation {
    # AWS: "Alias with weights can not be used with Provisioned Concurrency".
    condition     = var.canary_weight == 0 || var.provisioned_concurrency == null
    error_message = "canary_weight and provisioned_concurrency must not be set together; got ${var.canary_weight} and ${jsonencode(var.provisioned_concurrency)}"
  }
}

# ---- Asynchronous invocations

variable "async" {
  description = "Asynchronous invocations: how often Lambda retries a failed event, how long an event may wait, and the ARN of the alias, queue, topic or event bus that receives a record of each failure (policy_statements must permit that). null: Lambda's defaults."
  type = object({
    on_failure_arn = string
    retries        = optional(number, 0)
    max_age_s      = optional(number, 60)
  })
  default = null

  validation {
    # A function without an alias means $LATEST, which nothing here invokes.
    condition     = var.async == null ? true : can(regex("^arn:[^:]+:(lambda:[^:]+:[0-9]{12}:function:[^:]+:[^:]+|sqs:.+|sns:.+|events:.+)$", var.async.on_failure_arn))
    error_message = "async.on_failure_arn must be the ARN of a function's alias, a queue, a topic or an event bus; got ${try(var.async.on_failure_arn, "null")}"
  }
  validation {
    condition     = var.async == null ? true : contains([0, 1, 2], var.async.retries)
    error_message = "async.retries must be 0, 1 or 2; got ${try(var.async.retries, "null")}"
  }
  validation {
    condition     = var.async == null ? true : var.async.max_age_s >= 60 && var.async.max_age_s <= 21600 && floor(var.async.max_age_s) == var.async.max_age_s
    error_message = "async.max_age_s must be a whole number from 60 to 21600; got ${try(var.async.max_age_s, "null")}"
  }
}

# ---- Permissions

variable "policy_statements" {
  description = "Permissions that the function's code needs: exact actions on exact resources. A resource with a * needs wildcard_reason, which says why."
  type = list(object({
    sid             = string
    actions         = set(string)
    resources       = list(string)
    wildcard_reason = optional(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = []

  validation {
    condition     = length(distinct(var.policy_statements[*].sid)) == length(var.policy_statements) && alltrue([for s in var.policy_statements : can(regex("^[A-Za-z0-9]+$", s.sid))])
    error_message = "each sid in policy_statements must consist of letters and digits and occur once; got ${join(", ", var.policy_statements[*].sid)}"
  }
  validation {
    condition     = alltrue(flatten([for s in var.policy_statements : [for a in s.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", a))]]))
    error_message = "actions in policy_statements must be written out, without *; got ${join(", ", flatten([for s in var.policy_statements : tolist(s.actions)]))}"
  }
  validation {
    condition     = alltrue([for s in var.policy_statements : length(s.actions) > 0 && length(s.resources) > 0])
    error_message = "each of policy_statements must have an action and a resource; got ${jsonencode([for s in var.policy_statements : s.sid if length(s.actions) == 0 || length(s.resources) == 0])} without"
  }
  validation {
    condition     = alltrue([for s in var.policy_statements : !strcontains(join("", s.resources), "*") || try(length(trimspace(s.wildcard_reason)) > 0, false)])
    error_message = "a * in policy_statements[].resources needs a wildcard_reason; got ${jsonencode([for s in var.policy_statements : s.resources if s.wildcard_reason == null])}"
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that limits the function's role, whatever is attached to it."
  type        = string
}

# ---- Surroundings

variable "vpc" {
  description = "Subnets and security groups of the function's network interfaces; null: it runs outside the VPC, which suits a function that reaches nothing private."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) >= 2 && length(var.vpc.security_group_ids) >= 1
    error_message = "vpc must have at least two subnets and a security group; got ${jsonencode(var.vpc)}"
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the function's environment."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the log group; its policy must let CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}

variable "tracing" {
  description = "Whether Lambda samples invocations and traces them in X-Ray (Active), or follows what called it (PassThrough)."
  type        = string
  default     = "PassThrough"

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing must be Active or PassThrough; got ${var.tracing}"
  }
}
