variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter but not with internal-, and not end with -; got \"${var.name}\"."
  }
}

variable "subnet_ids" {
  description = "Public subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets; got ${length(var.subnet_ids)}."
  }
}

variable "security_group_id" {
  description = "Security group of the load balancer."
  type        = string

  validation {
    condition     = can(regex("^sg-[0-9a-z]+$", var.security_group_id))
    error_message = "security_group_id must be the id of a security group; got \"${var.security_group_id}\"."
  }
}

variable "ip_address_type" {
  description = "dualstack serves IPv4 and IPv6, ipv4 only the former."
  type        = string
  default     = "dualstack"

  validation {
    condition     = contains(["dualstack", "ipv4"], var.ip_address_type)
    error_message = "ip_address_type must be dualstack or ipv4; got \"${var.ip_address_type}\"."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the HTTPS listener; null only with http_only."
  type        = string
  default     = null

  validation {
    condition     = var.http_only || var.certificate_arn != null
    error_message = "certificate_arn is needed unless http_only is true; got null."
  }
}

variable "domain_name" {
  description = "Name that the certificate is for and clients use; null: the load balancer's own DNS name."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a name such as gateway.example.org; got \"${coalesce(var.domain_name, "null")}\"."
  }
}

variable "ssl_policy" {
  description = "Security policy of the HTTPS listener; it must offer TLS 1.3 and nothing older than TLS 1.2."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-[23]-", var.ssl_policy)) && !strcontains(var.ssl_policy, "Ext")
    error_message = "ssl_policy must be an ELBSecurityPolicy-TLS13-1-2-... or -TLS13-1-3-... policy without extended ciphers; got \"${var.ssl_policy}\"."
  }
}

variable "local" {
  description = "True only on the local cloud, which has no certificates."
  type        = bool
  default     = false
}

variable "http_only" {
  description = "Serves plain HTTP on port 80 instead of redirecting it; only on the local cloud."
  type        = bool
  default     = false

  validation {
    condition     = !var.http_only || var.local
    error_message = "http_only is permitted only on the local cloud (local = true); got http_only = ${var.http_only}, local = ${var.local}."
  }
}

variable "functions" {
  description = "Functions behind the load balancer: ARN of the alias that serves, and its parts."
  type = map(object({
    arn           = string
    function_name = string
    alias         = string
  }))

  validation {
    condition     = alltrue([for key in keys(var.functions) : can(regex("^[a-z][a-z0-9-]{0,31}$", key))])
    error_message = "functions: keys must be 1 to 32 characters of a-z, 0-9 and hyphens; got ${join(", ", keys(var.functions))}."
  }

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

variable "routes" {
  description = "Path patterns (* and ? are wildcards) and the function that serves them; a lower priority is looked at first."
  type = map(object({
    priority = number
    paths    = list(string)
    function = string
  }))

  validation {
    condition     = alltrue([for r in values(var.routes) : contains(keys(var.functions), r.function)])
    error_message = "routes: each function must be one of ${join(", ", keys(var.functions))}; got ${join(", ", [for name, r in var.routes : "${name} = \"${r.function}\"" if !contains(keys(var.functions), r.function)])}."
  }

  validation {
    condition     = alltrue([for name in keys(var.routes) : can(regex("^[a-z][a-z0-9-]*$", name))])
    error_message = "routes: names must be of a-z, 0-9 and -, a letter first; got ${join(", ", keys(var.routes))}."
  }

  validation {
    # 1000 and up belong to the rules that verify tokens.
    condition     = alltrue([for r in values(var.routes) : r.priority >= 1 && r.priority + ceil(length(r.paths) / 3) - 1 <= 999 && floor(r.priority) == r.priority])
    error_message = "routes: priority must be a whole number from 1 to 999, further rules included; got ${join(", ", [for name, r in var.routes : "${name} = ${r.priority}"])}."
  }

  validation {
    # A route takes one priority for every three paths (listeners.tf).
    condition = length(distinct(flatten([for r in values(var.routes) : [for i in range(ceil(length(r.paths) / 3)) : r.priority + i]]))) == sum(concat([0], [
      for r in values(var.routes) : ceil(length(r.paths) / 3)
    ]))
    error_message = "routes: no two may share a priority, and one with n paths takes n / 3 of them, rounded up; got ${join(", ", [for name, r in var.routes : "${name} = ${r.priority} with ${length(r.paths)} paths"])}."
  }

  validation {
    condition     = alltrue([for r in values(var.routes) : length(r.paths) >= 1 && alltrue([for p in r.paths : can(regex("^/[^ ]{0,127}$", p))])])
    error_message = "routes: each needs paths, which start with / and are at most 128 characters long; got ${jsonencode({ for name, r in var.routes : name => r.paths })}."
  }
}

variable "longest_function_timeout_s" {
  description = "Longest timeout among the functions, in seconds."
  type        = number

  validation {
    condition     = var.longest_function_timeout_s >= 1 && var.longest_function_timeout_s <= 900
    error_message = "longest_function_timeout_s must be from 1 to 900, as Lambda's timeouts are; got ${var.longest_function_timeout_s}."
  }
}

variable "idle_timeout_s" {
  description = "Seconds after which the load balancer gives up on a silent connection; at least the longest function timeout, so that our own 504 comes first."
  type        = number
  default     = 120

  validation {
    condition     = var.idle_timeout_s >= var.longest_function_timeout_s && var.idle_timeout_s >= 1 && var.idle_timeout_s <= 4000
    error_message = "idle_timeout_s must be at least longest_function_timeout_s (${var.longest_function_timeout_s}) and at most 4000; got ${var.idle_timeout_s}."
  }
}

variable "access_logs_bucket" {
  description = "Bucket of the access logs; its policy lets the log delivery write there."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_logs_bucket))
    error_message = "access_logs_bucket must be a bucket's name; got \"${var.access_logs_bucket}\"."
  }
}

variable "deletion_protection" {
  description = "Refuses to delete the load balancer."
  type        = bool
  default     = true
}

variable "jwt" {
  description = "Verifies tokens at the listener before a function runs: defence in depth, the functions verify again. One client id at most, because a claim is compared with one value; with it id tokens are refused, since only access tokens carry client_id. null: off."
  type = object({
    issuer     = string
    jwks_url   = string
    client_ids = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.jwt == null || (startswith(try(var.jwt.issuer, ""), "https://") && startswith(try(var.jwt.jwks_url, ""), "https://"))
    error_message = "jwt: issuer and jwks_url must be https URLs; got ${jsonencode(var.jwt)}."
  }

  validation {
    condition     = length(try(var.jwt.client_ids, [])) <= 1
    error_message = "jwt: at most one client id; got ${jsonencode(var.jwt)}."
  }

  validation {
    condition     = var.jwt == null || !var.http_only
    error_message = "jwt needs the HTTPS listener; got http_only = ${var.http_only}."
  }
}

variable "waf" {
  description = "Whether a web application firewall stands before the load balancer."
  type        = bool
  default     = true
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send in five minutes."
  type        = number
  default     = 2000

  validation {
    condition     = var.rate_limit_per_ip >= 10 && var.rate_limit_per_ip <= 2000000000 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip must be a whole number from 10 to 2000000000; got ${var.rate_limit_per_ip}."
  }
}

variable "prompt_path_prefixes" {
  description = "Paths whose bodies are prompts: there the firewall's body rules only count."
  type        = list(string)
  default     = ["/v1/agent/"]

  validation {
    condition     = length(var.prompt_path_prefixes) > 0 && alltrue([for p in var.prompt_path_prefixes : can(regex("^/[a-zA-Z0-9/_-]+$", p))])
    error_message = "prompt_path_prefixes must hold paths of letters, digits, _, - and /, longer than / itself; got ${jsonencode(var.prompt_path_prefixes)}."
  }
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts the firewall's log; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.logs_kms_key_arn))
    error_message = "logs_kms_key_arn must be the ARN of a KMS key; got \"${var.logs_kms_key_arn}\"."
  }
}

variable "log_retention_days" {
  description = "Days that the firewall's log is kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows (30, 90, 180, 365, ...); got ${var.log_retention_days}."
  }
}
