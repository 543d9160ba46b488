variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    # AWS keeps names that begin with internal- for itself.
    condition     = !startswith(var.name, "internal-")
    error_message = "name must not begin with internal-; got ${var.name}"
  }
}

variable "subnet_ids" {
  description = "Ids of subnets in at least two zones: public ones, or private ones if internal is true."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must contain at least two subnets; got ${length(var.subnet_ids)}"
  }
}

variable "security_group_id" {
  description = "Id of the load balancer's security group."
  type        = string
}

variable "certificate_arn" {
  description = "ARN of the HTTPS listener's ACM certificate; null only on the local cloud."
  type        = string
  default     = null

  validation {
    condition     = var.local || var.certificate_arn != null
    error_message = "certificate_arn must be set unless local is true; got null"
  }
}

variable "domain_name" {
  description = "Domain name that clients use and the certificate is for; null: the load balancer's own DNS name."
  type        = string
  default     = null
}

variable "local" {
  description = "Whether the load balancer is in the local cloud, which has no certificates and no IPv6: it then serves HTTP over IPv4."
  type        = bool
  default     = false
}

variable "ipv6" {
  description = "Whether the load balancer is reached over IPv6 as well as IPv4."
  type        = bool
  default     = false
}

variable "internal" {
  description = "Whether the load balancer has private addresses only."
  type        = bool
  default     = false
}

variable "redirect_http" {
  description = "Whether port 80 answers with a redirect to HTTPS; otherwise it is closed."
  type        = bool
  default     = false
}

variable "functions" {
  description = "Functions behind the load balancer, by short name: the ARN of the alias that is invoked, and its parts. health answers what no route matches."
  type = map(object({
    arn           = string
    function_name = string
    alias         = string
  }))

  validation {
    condition     = alltrue([for key in keys(var.functions) : can(regex("^[a-z][a-z0-9-]{0,31}$", key))])
    error_message = "keys of functions must be 1 to 32 characters of a-z, 0-9 and - and start with a letter; got ${join(", ", keys(var.functions))}"
  }
  validation {
    condition     = contains(keys(var.functions), local.default_function)
    error_message = "functions must contain ${local.default_function}, which answers what no route matches; got ${join(", ", keys(var.functions))}"
  }
}

variable "routes" {
  description = "Path patterns (* and ? are wildcards), the function that serves them, and their priority; the lowest is matched first."
  type = map(object({
    priority = number
    paths    = list(string)
    function = string
  }))

  validation {
    condition     = alltrue([for route in values(var.routes) : contains(keys(var.functions), route.function)])
    error_message = "each function in routes must be one of ${join(", ", keys(var.functions))}; got ${join(", ", [for name, route in var.routes : "${name} = ${route.function}"])}"
  }
  validation {
    condition     = alltrue([for name in keys(var.routes) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "names of routes must consist of a-z, 0-9 and - and start with a letter; got ${join(", ", keys(var.routes))}"
  }
  validation {
    # Priorities from 1000 on belong to the rules that verify tokens.
    condition     = alltrue([for route in values(var.routes) : route.priority >= 1 && route.priority + ceil(length(route.paths) / 3) - 1 <= 999 && floor(route.priority) == route.priority])
    error_message = "the priority in routes must be a whole number from 1 to 999, further rules included; got ${join(", ", [for name, route in var.routes : "${name} = ${route.priority}"])}"
  }
  validation {
    # A route takes one priority for every three paths (listeners.tf).
    condition = length(distinct(flatten([for route in values(var.routes) : [for i in range(ceil(length(route.paths) / 3)) : route.priority + i]]))) == sum(concat([0], [
      for route in values(var.routes) : ceil(length(route.paths) / 3)
    ]))
    error_message = "no two routes may share a priority, and a route takes one for every three paths; got ${join(", ", [for name, route in var.routes : "${name} = ${route.priority} with ${length(route.paths)} paths"])}"
  }
  validation {
    condition     = alltrue([for route in values(var.routes) : length(route.paths) >= 1 && alltrue([for path in route.paths : can(regex("^/[^ ]{0,127}$", path))])])
    error_message = "each of routes must have paths, which start with / and have at most 128 characters; got ${jsonencode({ for name, route in var.routes : name => route.paths })}"
  }
}

variable "longest_function_timeout_s" {
  description = "Longest timeout of the functions, in seconds."
  type        = number
}

variable "idle_timeout_s" {
  description = "Seconds after which the load balancer closes a silent connection; at least the longest timeout of the functions, so that our own 504 comes first."
  type        = number

  validation {
    condition     = var.idle_timeout_s >= var.longest_function_timeout_s
    error_message = "idle_timeout_s must be at least ${var.longest_function_timeout_s}, the longest timeout of the functions; got ${var.idle_timeout_s}"
  }
}

variable "access_logs_bucket" {
  description = "Name of the bucket of access logs; its policy must let the log delivery write there."
  type        = string
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
}

variable "jwt" {
  description = "Issuer and key set with which the listener verifies tokens before it invokes a function, which verifies them again; null: the listener does not verify."
  type        = object({ issuer = string, jwks_url = string })
  default     = null

  validation {
    condition     = var.jwt == null || (startswith(try(var.jwt.issuer, ""), "https://") && startswith(try(var.jwt.jwks_url, ""), "https://"))
    error_message = "jwt.issuer and jwt.jwks_url must be https URLs; got ${jsonencode(var.jwt)}"
  }
  validation {
    condition     = var.jwt == null || !var.local
    error_message = "jwt must be null when local is true, because it needs the HTTPS listener; got ${jsonencode(var.jwt)}"
  }
}

variable "waf" {
  description = "Whether a web application firewall protects the load balancer."
  type        = bool
  default     = true
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send in five minutes."
  type        = number
  default     = 2000
}

variable "prompt_path_prefixes" {
  description = "Prefixes of paths whose bodies are prompts; there the firewall's body rules count without blocking."
  type        = list(string)

  validation {
    condition     = length(var.prompt_path_prefixes) > 0 && alltrue([for prefix in var.prompt_path_prefixes : can(regex("^/[a-zA-Z0-9/_-]+$", prefix))])
    error_message = "prompt_path_prefixes must be paths of letters, digits, _, - and /, longer than / itself; got ${jsonencode(var.prompt_path_prefixes)}"
  }
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the firewall's log; its policy must let CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which the firewall's log is kept."
  type        = number
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}
