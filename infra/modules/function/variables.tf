variable "name" {
  description = "The deployment's name, such as openclaw-prod; the function is called <name>-<function>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.name}"
  }
}

variable "environment" {
  description = "The environment's name, such as prod; the role is tagged with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 15 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.environment}"
  }
}

variable "function" {
  description = "The function's short name, such as agents."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.function))
    error_message = "function must be 1 to 31 of a-z, 0-9 and - and start with a letter; got ${var.function}"
  }
}

# ---- Code

variable "zip_path" {
  description = "The function's package, a zip with the executable `bootstrap` as `make package` builds it."
  type        = string

  validation {
    condition     = endswith(var.zip_path, ".zip") && fileexists(var.zip_path)
    error_message = "zip_path must be an existing .zip (run `make package`); got ${var.zip_path}"
  }
}

variable "architecture" {
  description = "The processor the package was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64; got ${var.architecture}"
  }
}

variable "update_runtime_on" {
  description = "When AWS patches the operating system beneath the function: Auto (as soon as it can), FunctionUpdate (with our next update) or Manual (never; runtime_version_arn)."
  type        = string
  default     = "Auto"

  validation {
    condition     = contains(["Auto", "FunctionUpdate", "Manual"], var.update_runtime_on)
    error_message = "update_runtime_on must be Auto, FunctionUpdate or Manual; got ${var.update_runtime_on}"
  }
}

variable "runtime_version_arn" {
  description = "The runtime version that Manual holds on to; null with the other modes."
  type        = string
  default     = null

  validation {
    condition     = (var.runtime_version_arn != null) == (var.update_runtime_on == "Manual")
    error_message = "runtime_version_arn goes with update_runtime_on = \"Manual\" and only with it; got ${coalesce(var.runtime_version_arn, "null")} with ${var.update_runtime_on}"
  }
}

variable "environment_variables" {
  description = "The function's environment. No secret belongs here: values stand in the state and in the console."
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
    error_message = "environment_variables must not name what Lambda sets itself; got ${join(", ", keys(var.environment_variables))}"
  }
  validation {
    # The message does not print the value: it may be a key.
    condition     = can(regex("^([{][{].*[}][}])?$", lookup(var.environment_variables, "LLM_API_KEY", "")))
    error_message = "LLM_API_KEY must be a reference such as {{ secrets['openai/api-key'] }}, never the key itself: it would stand in the state"
  }
}

# ---- Size

variable "memory_mb" {
  description = "Memory in MB (128 to 10240); processor time grows with it."
  type        = number
  default     = 512

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240; got ${var.memory_mb}"
  }
}

variable "timeout_s" {
  description = "Seconds after which Lambda stops an invocation (1 to 900)."
  type        = number

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900 && floor(var.timeout_s) == var.timeout_s
    error_message = "timeout_s must be a whole number from 1 to 900; got ${var.timeout_s}"
  }
}

variable "reserved_concurrency" {
  description = "Invocations at once that are kept for this function and that it may not exceed; -1: it shares the account's, 0: it is stopped."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency >= -1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be -1 or a whole number from 0; got ${var.reserved_concurrency}"
  }
}

variable "provisioned_concurrency" {
  description = "Execution environments that are kept warm on the alias, between min and max, scaled to be 70 % busy; null: none."
  type = object({
    min = number
    max = number
  })
  default = null

  validation {
    condition     = var.provisioned_concurrency == null ? true : var.provisioned_concurrency.min >= 1 && var.provisioned_concurrency.max >= var.provisioned_concurrency.min
    error_message = "provisioned_concurrency needs 1 <= min <= max; got ${jsonencode(var.provisioned_concurrency)}"
  }
  validation {
    condition     = var.provisioned_concurrency == null || var.reserved_concurrency == -1 ? true : var.provisioned_concurrency.max <= var.reserved_concurrency
    error_message = "provisioned_concurrency must fit into reserved_concurrency; got ${jsonencode(var.provisioned_concurrency)} in ${var.reserved_concurrency}"
  }
}

# ---- What the alias serves

variable "stable_version" {
  description = "The published version that the alias serves, for a canary or a rollback; null: the newest."
  type        = string
  default     = null

  validation {
    condition     = var.stable_version == null ? true : can(regex("^[1-9][0-9]*$", var.stable_version))
    error_message = "stable_version must be the number of a published version; got ${coalesce(var.stable_version, "null")}"
  }
}

variable "canary_weight" {
  description = "Share of the requests (0 to less than 1) that the newest version gets while stable_version serves the others."
  type        = number
  default     = 0

  validation {
    condition     = var.canary_weight >= 0 && var.canary_weight < 1
    error_message = "canary_weight must be from 0 to less than 1; got ${var.canary_weight}"
  }
  validation {
    condition     = var.canary_weight == 0 || var.stable_version != null
    error_message = "canary_weight needs a stable_version that gets the other requests; got ${var.canary_weight} without one"
  }
  validation {
    # AWS: "Alias with weights can not be used with Provisioned Concurrency".
    condition     = var.canary_weight == 0 || var.provisioned_concurrency == null
    error_message = "canary_weight and provisioned_concurrency exclude each other; got ${var.canary_weight} and ${jsonencode(var.provisioned_concurrency)}"
  }
}

# ---- Asynchronous invocations

variable "async" {
  description = "Where callers do not wait for the answer: how often a failed event is tried again, for how long one may wait for its turn, and who is told of what failed or never began (ARN of an alias, a queue, a topic or an event bus, which policy_statements must admit). null: Lambda's own rules."
  type = object({
    on_failure_arn = string
    retries        = optional(number, 0)
    max_age_s      = optional(number, 60)
  })
  default = null

  validation {
    # A function without an alias would be $LATEST, which nothing here serves.
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

# ---- Rights

variable "policy_statements" {
  description = "What the function's code calls: exact actions on exact resources. A resource with a * needs wildcard_reason, which says why."
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
    error_message = "each sid in policy_statements must be of letters and digits and occur once; got ${join(", ", var.policy_statements[*].sid)}"
  }
  validation {
    condition     = alltrue(flatten([for s in var.policy_statements : [for a in s.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", a))]]))
    error_message = "actions in policy_statements must be written out, without *; got ${join(", ", flatten([for s in var.policy_statements : tolist(s.actions)]))}"
  }
  validation {
    condition     = alltrue([for s in var.policy_statements : length(s.actions) > 0 && length(s.resources) > 0])
    error_message = "each of policy_statements needs an action and a resource; got ${jsonencode([for s in var.policy_statements : s.sid if length(s.actions) == 0 || length(s.resources) == 0])} without"
  }
  validation {
    condition     = alltrue([for s in var.policy_statements : !strcontains(join("", s.resources), "*") || try(length(trimspace(s.wildcard_reason)) > 0, false)])
    error_message = "a * in policy_statements[].resources needs a wildcard_reason; got ${jsonencode([for s in var.policy_statements : s.resources if s.wildcard_reason == null])}"
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that the function's role can never exceed, whatever is attached to it."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy of an account; got ${var.permissions_boundary_arn}"
  }
}

# ---- Surroundings

variable "vpc" {
  description = "Where in the network the function has its interfaces; null: outside, which is right for a function that reaches nothing private."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
    dual_stack         = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) >= 2 && length(var.vpc.security_group_ids) >= 1
    error_message = "vpc needs at least two subnets and a security group; got ${jsonencode(var.vpc)}"
  }
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the function's environment."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the log group; its policy must let CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.logs_kms_key_arn))
    error_message = "logs_kms_key_arn must be the ARN of a KMS key; got ${var.logs_kms_key_arn}"
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs offers (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, …); got ${var.log_retention_days}"
  }
}

variable "tracing_mode" {
  description = "X-Ray: PassThrough (traces what the caller traces) or Active (samples by itself)."
  type        = string
  default     = "PassThrough"

  validation {
    condition     = contains(["PassThrough", "Active"], var.tracing_mode)
    error_message = "tracing_mode must be PassThrough or Active; got ${var.tracing_mode}"
  }
}
