# A value is checked here. What has more to it (identity, ollama, audit) is checked further in the module that takes it.

# ---- Deployment

variable "region" {
  description = "The one region of everything, prompts included."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a region's code such as eu-central-1; got ${var.region}"
  }
}

variable "project" {
  description = "Beginning of every name; the same as `name` of the bootstrap, whose boundaries allow nothing else."
  type        = string
  default     = "openclaw"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,14}[a-z0-9]$", var.project))
    error_message = "project is 3 to 16 of a-z, 0-9 and -, a letter first; got ${var.project}"
  }
}

variable "environment" {
  description = "Such as dev or prod. Everything is named <project>-<environment>, so that several stand side by side in one account."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$", var.environment))
    error_message = "environment is 1 to 15 of a-z, 0-9 and -, a letter first; got ${var.environment}"
  }
}

variable "cost_tags" {
  description = "Further tags on everything, for cost allocation, such as CostCenter."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.cost_tags), ["Project", "Environment", "ManagedBy", "Component"])) == 0
    error_message = "cost_tags leaves Project, Environment, ManagedBy and Component alone; got ${join(", ", keys(var.cost_tags))}"
  }
}

variable "deletion_protection" {
  description = "False for environments that come and go: table, user pool and load balancer can be deleted, buckets with what is in them, secrets at once, keys after 7 days. Locked audit entries stay even then."
  type        = bool
  default     = true
}

variable "permissions_boundary_arn" {
  description = "What no function's role may exceed; null: the bootstrap's <project>-<region>-boundary in this account."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy; got ${coalesce(var.permissions_boundary_arn, "null")}"
  }
}

variable "host_permissions_boundary_arn" {
  description = "What the Ollama host's role may not exceed; null: the bootstrap's <project>-<region>-host-boundary in this account."
  type        = string
  default     = null

  validation {
    condition     = var.host_permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.host_permissions_boundary_arn))
    error_message = "host_permissions_boundary_arn is the ARN of a policy; got ${coalesce(var.host_permissions_boundary_arn, "null")}"
  }
}

# ---- Gateway

variable "config_file" {
  description = "Path of openclaw.yaml. User pool and client are filled in, so it need not name them."
  type        = string

  validation {
    condition     = can(keys(yamldecode(file(var.config_file))))
    error_message = "config_file is the path of a YAML file with sections; got ${var.config_file}"
  }
}

variable "environment_overrides" {
  description = "Scalars of the configuration that differ here: OPENCLAW__SECTION__KEY, or LLM_PROVIDER, LLM_MODEL, LLM_API_KEY."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment_overrides) : can(regex("^(OPENCLAW__[A-Z0-9_]+|LLM_(PROVIDER|MODEL|API_KEY))$", name))])
    error_message = "environment_overrides holds OPENCLAW__SECTION__KEY, LLM_PROVIDER, LLM_MODEL and LLM_API_KEY; got ${join(", ", keys(var.environment_overrides))}"
  }
  validation {
    # Rights and residency are derived from the file and from LLM_*, so nothing else may name a model or a provider.
    condition     = alltrue([for name in keys(var.environment_overrides) : !can(regex("^OPENCLAW__.*(PROVIDER|MODEL)$", name))])
    error_message = "environment_overrides names models and providers by LLM_PROVIDER and LLM_MODEL only, or in config_file; got ${join(", ", keys(var.environment_overrides))}"
  }
  validation {
    # The message does not print the value: it may be a key.
    condition = alltrue([
      for name, value in var.environment_overrides : can(regex("^([A-Za-z]+ )?[{][{][^{}]*[}][}]$", value))
      if endswith(name, "API_KEY") || can(regex("__HEADERS__.*(AUTH|COOKIE|KEY|PASS|SECRET|TOKEN)", name)) || can(regex("(?i)^(basic|bearer) ", value))
    ])
    error_message = "an API_KEY in environment_overrides, and a header that carries one, is a reference such as {{ secrets['openai/api-key'] }}, never the key itself"
  }
}

variable "allowed_cross_region_models" {
  description = "Bedrock models and inference profiles that may leave the region, as the configuration names them, each with the further regions to which it may go (bedrock_regions of the bootstrap has them too) and, for an application inference profile or a prompt router, the models behind it."
  type = map(object({
    regions = optional(set(string), [])
    models  = optional(set(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for model in var.allowed_cross_region_models : [for region in model.regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", region))]]))
    error_message = "allowed_cross_region_models names regions such as eu-west-1; got ${jsonencode({ for id, model in var.allowed_cross_region_models : id => model.regions })}"
  }
}

variable "log_level" {
  description = "The least severe level that is logged: error, warn, info or debug."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["error", "warn", "info", "debug"], var.log_level)
    error_message = "log_level is error, warn, info or debug; got ${var.log_level}"
  }
}

# ---- Functions

variable "package_dir" {
  description = "Where `make package` leaves <function>/bootstrap.zip."
  type        = string
  default     = "../target/lambda"

  validation {
    condition     = alltrue([for key in keys(local.functions) : fileexists("${var.package_dir}/${key}/bootstrap.zip")])
    error_message = "package_dir holds <function>/bootstrap.zip of ${join(", ", keys(local.functions))} (run `make package`); got ${var.package_dir}"
  }
}

variable "architecture" {
  description = "arm64 or x86_64; the same as ARCH of `make package`."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64; got ${var.architecture}"
  }
}

variable "function_settings" {
  description = "What differs from functions.tf, by the function's short name. stable_version and canary_weight: the alias serves that version, and gives the newest one, which must be another, the share."
  type = map(object({
    memory_mb               = optional(number)
    timeout_s               = optional(number)
    reserved_concurrency    = optional(number, -1)
    provisioned_concurrency = optional(object({ min = number, max = number }))
    stable_version          = optional(string)
    canary_weight           = optional(number, 0)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.function_settings), keys(local.functions))) == 0
    error_message = "function_settings names the functions ${join(", ", keys(local.functions))}; got ${join(", ", keys(var.function_settings))}"
  }
  validation {
    # The deadline lies 2 s before the timeout.
    condition     = alltrue([for settings in var.function_settings : try(settings.timeout_s >= 5, true)])
    error_message = "timeout_s in function_settings is at least 5; got ${jsonencode({ for key, settings in var.function_settings : key => settings.timeout_s })}"
  }
}

variable "functions_in_vpc" {
  description = "Whether every function stands in the VPC. Not needed for Ollama: the functions that ask it are in the VPC anyway."
  type        = bool
  default     = false
}

# ---- Front door

variable "front_door" {
  description = "alb (load balancer with a firewall) or apigateway (HTTP API, no fixed cost, requests end at 30 s)."
  type        = string
  default     = "alb"

  validation {
    condition     = contains(["alb", "apigateway"], var.front_door)
    error_message = "front_door is alb or apigateway; got ${var.front_door}"
  }
}

variable "allowed_cidrs" {
  description = "Who reaches the load balancer, and the APIs for streams and WebSockets beside it, each entry with owner, reason and expiry day (YYYY-MM-DD); nobody by default. With an HTTP API all are reached by everyone with a token."
  type        = map(object({ cidr = string, owner = string, reason = string, expires = string }))
  default     = {}

  validation {
    condition     = var.front_door == "alb" || length(var.allowed_cidrs) == 0
    error_message = "allowed_cidrs holds for the load balancer only, an HTTP API has no such list; got ${join(", ", keys(var.allowed_cidrs))} with ${var.front_door}"
  }
}

variable "allow_internet" {
  description = "Permits 0.0.0.0/0 and ::/0 in allowed_cidrs."
  type        = bool
  default     = false
}

variable "websocket" {
  description = "Whether WebSockets are served, by an API of their own. No firewall can stand before it, and its function alone holds allowed_cidrs against who connects; false: neither the API nor the function."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain_name" {
  description = "The front door's own name; null: the name that AWS gives it."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name is a name such as gateway.example.org; got ${coalesce(var.domain_name, "null")}"
  }
  validation {
    condition     = var.zone_id == null || var.domain_name != null
    error_message = "zone_id needs a domain_name; got ${coalesce(var.zone_id, "null")} without"
  }
  validation {
    condition     = var.domain_name == null || var.certificate_arn != null || var.zone_id != null
    error_message = "domain_name needs a certificate: certificate_arn, or zone_id to prove the name in; got ${coalesce(var.domain_name, "null")} without"
  }
}

variable "zone_id" {
  description = "Public Route 53 zone of domain_name: the front door's records are made there, and the proof for a certificate."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null ? true : can(regex("^Z[A-Z0-9]{1,31}$", var.zone_id))
    error_message = "zone_id is the id of a zone such as Z0123456789ABCDEFGHIJ; got ${coalesce(var.zone_id, "null")}"
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the front door; null: one is made for domain_name in zone_id."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn != null || var.zone_id != null || var.front_door != "alb" || var.local_endpoint_url != null
    error_message = "front_door \"alb\" needs certificate_arn, or domain_name with zone_id; got certificate_arn = null, zone_id = null"
  }
  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn is the ARN of an ACM certificate; got ${coalesce(var.certificate_arn, "null")}"
  }
}

variable "verify_tokens_at_front_door" {
  description = "Whether the load balancer or the HTTP API verifies tokens before a function runs; the functions verify again. It answers a bad one itself, with no problem document. null: yes, but not on the local cloud."
  type        = bool
  default     = null
}

variable "idle_timeout_s" {
  description = "Seconds after which the load balancer gives up on an answer; at least the longest timeout of the functions behind it, which stream is not."
  type        = number
  default     = 120

  validation {
    # The functions' deadline lies 5 s before it.
    condition     = var.idle_timeout_s >= 10 && var.idle_timeout_s <= 4000 && floor(var.idle_timeout_s) == var.idle_timeout_s
    error_message = "idle_timeout_s is a whole number from 10 to 4000; got ${var.idle_timeout_s}"
  }
}

variable "waf" {
  description = "Whether a web application firewall stands before the load balancer, and before the API that streams beside it; before WebSockets none can."
  type        = bool
  default     = true
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send through the firewall in five minutes."
  type        = number
  default     = 2000

  validation {
    condition     = var.rate_limit_per_ip >= 10 && var.rate_limit_per_ip <= 2000000000 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip is a whole number from 10 to 2000000000; got ${var.rate_limit_per_ip}"
  }
}

variable "throttling" {
  description = "Requests per second that the HTTP API takes over all clients, and the burst above; the same for the API that streams, and for connections and messages of WebSockets."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }

  validation {
    condition     = var.throttling.rate >= 1 && var.throttling.burst >= var.throttling.rate && floor(var.throttling.burst) == var.throttling.burst
    error_message = "throttling has a rate of at least 1 and a whole burst not below it; got ${jsonencode(var.throttling)}"
  }
}

# ---- Network

variable "vpc_cidr" {
  description = "IPv4 block of the VPC: private (RFC 1918), /16 to /22."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(regex("^(10|172[.](1[6-9]|2[0-9]|3[01])|192[.]168)[.].*/(1[6-9]|2[0-2])$", var.vpc_cidr)) && can(cidrhost(var.vpc_cidr, 0))
    error_message = "vpc_cidr is a private IPv4 block of /16 to /22; got ${var.vpc_cidr}"
  }
}

variable "zone_count" {
  description = "Availability zones of the VPC, 2 to 4."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "zone_count is 2, 3 or 4; got ${var.zone_count}"
  }
}

variable "nat_gateways" {
  description = "IPv4 way out of the private subnets: one_per_zone, one or none. null: one_per_zone where something in them needs it, else none."
  type        = string
  default     = null

  validation {
    condition     = var.nat_gateways == null ? true : contains(["one_per_zone", "one", "none"], var.nat_gateways)
    error_message = "nat_gateways is one_per_zone, one or none; got ${coalesce(var.nat_gateways, "null")}"
  }
  validation {
    # Where releases and models come from there is no IPv6.
    condition     = var.ollama == null || var.nat_gateways != "none"
    error_message = "nat_gateways = \"none\" leaves the Ollama host no way to its releases and models; got none with ollama = ${jsonencode(var.ollama)}"
  }
  validation {
    # Lambda's own address has no IPv6.
    condition     = !(var.functions_in_vpc && var.websocket) || var.nat_gateways != "none"
    error_message = "nat_gateways = \"none\" leaves the function of WebSockets no way to start runs; got none with functions_in_vpc = ${var.functions_in_vpc}, websocket = ${var.websocket}"
  }
}

variable "functions_reach_internet" {
  description = "Whether functions in the VPC may open HTTPS connections to the internet. false: to endpoints, S3 and DynamoDB only, and the key set of the user pool comes by an endpoint, where AWS takes no pool with a domain."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.functions_reach_internet || !local.reaches_internet
    error_message = "the providers that config_file names are on the internet; got functions_reach_internet = ${var.functions_reach_internet}"
  }
  validation {
    # An endpoint in the VPC leads to private REST APIs alone.
    condition     = var.functions_reach_internet || !var.websocket
    error_message = "frames of WebSockets go to an address on the internet; got functions_reach_internet = ${var.functions_reach_internet} with websocket = ${var.websocket}"
  }
  validation {
    condition     = var.functions_reach_internet || var.identity.domain_prefix == null
    error_message = "a user pool with a domain has no endpoint in a VPC, so its key set is on the internet; got functions_reach_internet = ${var.functions_reach_internet} with identity.domain_prefix = \"${coalesce(var.identity.domain_prefix, "null")}\""
  }
}

# ---- Identity

variable "identity" {
  description = "The user pool: how people sign in, who they are, machine clients and other identity providers (both need domain_prefix). See modules/identity/variables.tf."
  type = object({
    callback_urls           = set(string)
    logout_urls             = optional(set(string), [])
    domain_prefix           = optional(string)
    mfa                     = optional(string, "ON")
    password_minimum_length = optional(number, 12)
    password_sign_in        = optional(bool, false)
    self_sign_up            = optional(bool, false)
    threat_protection       = optional(string, "ENFORCED")
    token_validity = optional(object({
      access_minutes = optional(number, 60)
      id_minutes     = optional(number, 60)
      refresh_days   = optional(number, 30)
    }), {})
    machine_clients = optional(map(object({ scopes = optional(set(string), ["invoke"]) })), {})
    tenants         = optional(set(string), [])
    users           = optional(map(object({ email = string, groups = set(string) })), {})
    saml_providers = optional(map(object({
      metadata_url    = string
      email_attribute = optional(string, "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")
    })), {})
    oidc_providers = optional(map(object({
      issuer      = string
      client_id   = string
      scopes      = optional(list(string), ["openid", "email"])
      email_claim = optional(string, "email")
    })), {})
  })

  validation {
    condition     = length(var.identity.callback_urls) > 0
    error_message = "identity.callback_urls has one URL at least; got ${jsonencode(var.identity.callback_urls)}"
  }
}

variable "oidc_client_secrets" {
  description = "Our secret at each of identity.oidc_providers; it stands in the encrypted state."
  type        = map(string)
  default     = {}
  sensitive   = true

  validation {
    # The message prints the names only.
    condition     = toset(keys(var.oidc_client_secrets)) == toset(keys(var.identity.oidc_providers))
    error_message = "oidc_client_secrets has one secret for each of identity.oidc_providers and no other; got ${join(", ", nonsensitive(keys(var.oidc_client_secrets)))}"
  }
}

# ---- Secrets

variable "secrets" {
  description = "Short names of the secrets, as the configuration has them; created empty."
  type        = set(string)
  default     = ["anthropic/api-key", "bedrock/api-key", "ollama/token", "openai/api-key"]

  validation {
    condition     = alltrue([for secret in var.secrets : can(regex("^[a-z0-9-]+(/[a-z0-9-]+)*$", secret))])
    error_message = "secrets are names of a-z, 0-9 and - with / between; got ${join(", ", var.secrets)}"
  }

  validation {
    condition     = var.ollama == null || contains(var.secrets, "ollama/token")
    error_message = "secrets must hold ollama/token where there is an Ollama host; got ${join(", ", var.secrets)}"
  }
}

variable "secret_writer_role_arns" {
  description = "Roles that fill the secrets, such as the operators'; nobody else can. To change a secret's description or key later, Terraform's own role must be among them."
  type        = list(string)

  validation {
    condition     = length(var.secret_writer_role_arns) > 0 && alltrue([for arn in var.secret_writer_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*?]+$", arn))])
    error_message = "secret_writer_role_arns are one or more ARNs of roles, without wildcards; got ${jsonencode(var.secret_writer_role_arns)}"
  }
}

# ---- Ollama

variable "ollama" {
  description = "A private host that runs models with Ollama (modules/ollama/variables.tf); null: none. ollama_version and ollama_sha256 are of one release."
  type = object({
    models            = list(string)
    ollama_version    = string
    ollama_sha256     = object({ amd64 = optional(string), arm64 = optional(string) })
    instance_type     = optional(string, "g6.xlarge")
    market            = optional(string, "on-demand")
    port              = optional(number, 11434)
    volume_gb         = optional(number, 200)
    snapshot_time     = optional(string, "03:00")
    snapshots_kept    = optional(number, 7)
    max_lifetime_days = optional(number, 30)
  })
  default = null

  validation {
    condition     = var.ollama == null ? true : length(var.ollama.models) > 0
    error_message = "ollama has models; got ${jsonencode(var.ollama)}"
  }
}

# ---- Operation

variable "log_retention_days" {
  description = "Days that logs are kept; one of those that CloudWatch Logs offers."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 or another that CloudWatch Logs offers; got ${var.log_retention_days}"
  }
}

variable "audit" {
  description = "The audit bucket: how its entries are locked (COMPLIANCE or GOVERNANCE), for how many days, after how many they move to the archive class and are deleted."
  type = object({
    lock_mode    = optional(string, "COMPLIANCE")
    lock_days    = optional(number, 365)
    archive_days = optional(number, 90)
    keep_days    = optional(number, 730)
  })
  default = {}

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.audit.lock_mode) && var.audit.keep_days >= var.audit.lock_days
    error_message = "audit has the lock_mode COMPLIANCE or GOVERNANCE, and keep_days of at least lock_days; got ${jsonencode(var.audit)}"
  }
}

variable "alarm_emails" {
  description = "Who gets a mail for each alarm."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "alarm_emails are mail addresses; got ${join(", ", var.alarm_emails)}"
  }
}

variable "alarm_thresholds" {
  description = "What differs from the thresholds in modules/observability/variables.tf, and from those of the Ollama host in modules/ollama/variables.tf."
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
    ollama_memory_percent       = optional(number, 90)
    ollama_disk_percent         = optional(number, 85)
  })
  default = {}

  validation {
    condition     = alltrue([for threshold in values(var.alarm_thresholds) : threshold >= 0])
    error_message = "alarm_thresholds are not negative; got ${jsonencode(var.alarm_thresholds)}"
  }
}

variable "account_concurrency_limit" {
  description = "The account's quota \"Concurrent executions\" of Lambda in the region."
  type        = number
  default     = 1000

  validation {
    condition     = var.account_concurrency_limit >= 10
    error_message = "account_concurrency_limit is at least 10; got ${var.account_concurrency_limit}"
  }
}

# ---- Local cloud

variable "local_endpoint_url" {
  description = "Only for the local cloud: where the functions find AWS. It takes plain HTTP and no verification at the front door, so never set it on AWS."
  type        = string
  default     = null

  validation {
    condition     = var.local_endpoint_url == null ? true : can(regex("^http://(127[.]0[.]0[.]1|localhost|\\[::1\\]):[0-9]+$", var.local_endpoint_url))
    error_message = "local_endpoint_url is http://127.0.0.1:PORT; got ${coalesce(var.local_endpoint_url, "null")}"
  }
}
