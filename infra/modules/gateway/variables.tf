# What a user sets is checked here, once. The modules check what only they know: identity how people sign in, ollama the
# host, function the size of a function, access who may connect. Front door, network, identity and operation have files of their own:
# variables_*.tf.

# ---- Deployment

variable "project" {
  description = "First part of every name. It must equal `name` of the bootstrap, whose permissions boundaries allow no other."
  type        = string
  default     = "openclaw"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}[a-z0-9]$", var.project))
    error_message = "project must be 3 to 16 characters of a-z, 0-9 and -, start with a letter and not end with -; got ${var.project}"
  }
}

variable "environment" {
  description = "Name of the environment, such as dev or prod. Everything is named <project>-<environment>, so that one account can hold several."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 15 characters of a-z, 0-9 and -, start with a letter and not end with -; got ${var.environment}"
  }
  validation {
    # The audit trail's table has this ending.
    condition     = !endswith(var.environment, "-audit")
    error_message = "environment must not end with -audit, because the environment without that ending would have a table of the same name; got ${var.environment}"
  }
}

variable "deletion_protection" {
  description = "Whether a destroy is refused or can be undone. With false the table, the user pool and the load balancer can be deleted, buckets with their contents, secrets at once and keys after 7 days. Locked audit entries stay even then. With true a destroy leaves log groups. The key of the logs is never destroyed."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that limits every function's role; null: the bootstrap's <project>-<region>-boundary in this account."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy; got ${coalesce(var.permissions_boundary_arn, "null")}"
  }
}

variable "host_permissions_boundary_arn" {
  description = "ARN of the policy that limits the Ollama host's role; null: the bootstrap's <project>-<region>-host-boundary in this account."
  type        = string
  default     = null

  validation {
    condition     = var.host_permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.host_permissions_boundary_arn))
    error_message = "host_permissions_boundary_arn must be the ARN of a policy; got ${coalesce(var.host_permissions_boundary_arn, "null")}"
  }
}

variable "service_permissions_boundary_arn" {
  description = "ARN of the policy that limits the roles which services of AWS assume, for flow logs and snapshots; null: the bootstrap's <project>-<region>-service-boundary in this account."
  type        = string
  default     = null

  validation {
    condition     = var.service_permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.service_permissions_boundary_arn))
    error_message = "service_permissions_boundary_arn must be the ARN of a policy; got ${coalesce(var.service_permissions_boundary_arn, "null")}"
  }
}

# ---- Configuration

variable "config_bundle" {
  description = "Path of the configuration bundle that `openclaw bundle DIR -o FILE` writes. Terraform fills in the user pool, its client and the ids of machine clients."
  type        = string

  validation {
    condition     = try(jsondecode(file(var.config_bundle)).revision == 1 && can(keys(jsondecode(file(var.config_bundle)).document)) && can(jsondecode(file(var.config_bundle)).rights.models[*].model), false)
    error_message = "config_bundle must be the path of a bundle of revision 1, made by `openclaw bundle DIR -o FILE`; got ${var.config_bundle}"
  }
}

variable "environment_overrides" {
  description = "Scalars of the configuration that differ in this environment, by the variables OPENCLAW__SECTION__KEY, LLM_PROVIDER, LLM_MODEL and LLM_API_KEY."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment_overrides) : can(regex("^(OPENCLAW__[A-Z0-9_]+|LLM_(PROVIDER|MODEL|API_KEY))$", name))])
    error_message = "environment_overrides may name OPENCLAW__SECTION__KEY, LLM_PROVIDER, LLM_MODEL and LLM_API_KEY; got ${join(", ", keys(var.environment_overrides))}"
  }
  validation {
    # Permissions and residency are derived from the bundle and from LLM_*, so nothing else may name a model or a provider.
    condition     = alltrue([for name in keys(var.environment_overrides) : !can(regex("^OPENCLAW__.*(PROVIDER|MODEL)$", name))])
    error_message = "environment_overrides may name a model or a provider by LLM_MODEL and LLM_PROVIDER only; set others in openclaw.yaml; got ${join(", ", keys(var.environment_overrides))}"
  }
  validation {
    # The message leaves the value out, because it may be a key.
    condition = alltrue([
      for name, value in var.environment_overrides : can(regex("^([A-Za-z]+ )?[{][{][^{}]*[}][}]$", value))
      if endswith(name, "API_KEY") || can(regex("__HEADERS__.*(AUTH|COOKIE|KEY|PASS|SECRET|TOKEN)", name)) || can(regex("(?i)^(basic|bearer) ", value))
    ])
    error_message = "an API_KEY in environment_overrides, and a header that carries a key, must be a reference such as {{ secrets['openai/api-key'] }}, because the key itself would be stored in Terraform's state"
  }
}

variable "allowed_cross_region_models" {
  description = "Bedrock models and inference profiles that may process prompts outside the region, by the id that the configuration uses. `regions` are the other regions that each may use (the bootstrap's bedrock_regions must contain them). `models` are the models behind an application inference profile or a prompt router."
  type = map(object({
    regions = optional(set(string), [])
    models  = optional(set(string), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue(flatten([for model in var.allowed_cross_region_models : [for region in model.regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", region))]]))
    error_message = "regions in allowed_cross_region_models must be codes such as eu-west-1; got ${jsonencode({ for id, model in var.allowed_cross_region_models : id => model.regions })}"
  }
}

variable "secrets" {
  description = "Short names of the secrets to create, as the configuration refers to them. They are created empty."
  type        = set(string)
  default     = ["anthropic/api-key", "bedrock/api-key", "ollama/token", "openai/api-key"]
  nullable    = false

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[a-z0-9-]+(/[a-z0-9-]+)*$", secret))])
    error_message = "secrets must be names of a-z, 0-9 and -, with / between parts; got ${join(", ", var.secrets)}"
  }
  validation {
    # Secrets Manager appends a hyphen and six characters to the ARN, and takes such an ending of a name for its own.
    condition     = alltrue([for secret in var.secrets : !can(regex("-[a-z0-9]{6}$", secret))])
    error_message = "secrets must not end with a hyphen and six characters, as the endings that Secrets Manager appends do; got ${join(", ", var.secrets)}"
  }
  validation {
    # A configuration that could name it would send it to a provider.
    condition     = !contains(var.secrets, local.digest_secret)
    error_message = "secrets must not contain ${local.digest_secret}, which Terraform creates for the gateway itself; got ${join(", ", var.secrets)}"
  }
  validation {
    condition     = var.ollama == null || contains(var.secrets, "ollama/token")
    error_message = "secrets must contain ollama/token when ollama is set; got ${join(", ", var.secrets)}"
  }
}

variable "secret_writer_role_arns" {
  description = "ARNs of the roles that may set the secrets' values, such as the operators' role. Terraform's own role must be among them to change a secret's description or key later."
  type        = list(string)

  validation {
    condition     = length(var.secret_writer_role_arns) > 0 && alltrue([for arn in var.secret_writer_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "secret_writer_role_arns must be one or more ARNs of roles, without wildcards; got ${jsonencode(var.secret_writer_role_arns)}"
  }
}

variable "log_level" {
  description = "Least severe level that the functions log: error, warn, info or debug."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info", "debug"], var.log_level)
    error_message = "log_level must be error, warn, info or debug; got ${var.log_level}"
  }
}

# ---- Functions

variable "package_dir" {
  description = "Directory that holds <function>/bootstrap.zip, as `make package` leaves it. A relative path starts at the directory in which Terraform runs."
  type        = string
  default     = "../target/lambda"
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(local.functions) : fileexists("${var.package_dir}/${key}/bootstrap.zip")])
    error_message = "package_dir must contain <function>/bootstrap.zip for each of ${join(", ", keys(local.functions))}; run `make package`; got ${var.package_dir}"
  }
}

variable "architecture" {
  description = "Processor architecture of the packages: arm64 or x86_64, the same as ARCH of `make package`."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64; got ${var.architecture}"
  }
}

variable "function_settings" {
  description = "Settings that differ from those in functions.tf, by the function's short name. With stable_version the alias serves that version; canary_weight is the share of requests that the newest version, which must be another one, gets beside it. reserved_concurrency (concurrency.tf has the defaults) is -1 for none, and 0 stops the function."
  type = map(object({
    memory_mb               = optional(number)
    timeout_s               = optional(number)
    reserved_concurrency    = optional(number)
    provisioned_concurrency = optional(object({ min = number, max = number }))
    stable_version          = optional(string)
    canary_weight           = optional(number, 0)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.function_settings), keys(local.functions))) == 0
    error_message = "function_settings may name the functions ${join(", ", keys(local.functions))}; got ${join(", ", keys(var.function_settings))}"
  }
  validation {
    # The deadline is 2 s before the timeout.
    condition     = alltrue([for settings in var.function_settings : try(settings.timeout_s >= 5, true)])
    error_message = "timeout_s in function_settings must be at least 5; got ${jsonencode({ for key, settings in var.function_settings : key => settings.timeout_s })}"
  }
}

variable "functions_in_vpc" {
  description = "Whether every function runs in the VPC. An Ollama host does not need it: the functions that call the host run there anyway."
  type        = bool
  default     = false
  nullable    = false
}

# ---- Local cloud

variable "local_endpoint_url" {
  description = "Address at which the functions reach the local cloud. It disables TLS and the verification of tokens at the front door, so it must stay null on AWS."
  type        = string
  default     = null

  validation {
    condition     = var.local_endpoint_url == null ? true : can(regex("^http://(127[.]0[.]0[.]1|localhost|\\[::1\\]):[0-9]+$", var.local_endpoint_url))
    error_message = "local_endpoint_url must be http://127.0.0.1:PORT; got ${coalesce(var.local_endpoint_url, "null")}"
  }
}
