# What a user sets is checked here, once. The modules check what only they know: identity how people sign in, ollama the
# host, function the size of a function, access who may connect (variables_access.tf).

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

# ---- Front door

variable "front_door" {
  description = "What receives requests: alb (a load balancer with a firewall) or apigateway (an HTTP API without fixed cost, whose requests end at 30 s)."
  type        = string
  default     = "alb"
  nullable    = false

  validation {
    condition     = contains(["alb", "apigateway"], var.front_door)
    error_message = "front_door must be alb or apigateway; got ${var.front_door}"
  }
}

variable "websocket" {
  description = "Whether the gateway serves WebSockets, with an API and a function of their own. No firewall can protect that API; its function checks each client against allowed_cidrs."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain_name" {
  description = "Domain name of the front door; null: the name that AWS assigns."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a name such as gateway.example.org; got ${coalesce(var.domain_name, "null")}"
  }
  validation {
    condition     = var.domain_name != null || var.certificate_arn != null || var.zone_id == null || var.front_door != "alb"
    error_message = "domain_name must be set when zone_id is, because front_door = \"alb\" needs a certificate; got zone_id = ${coalesce(var.zone_id, "null")}"
  }
  validation {
    condition     = var.domain_name == null || var.certificate_arn != null || var.zone_id != null
    error_message = "domain_name needs a certificate: set certificate_arn, or zone_id to have one issued; got ${coalesce(var.domain_name, "null")} without either"
  }
}

variable "zone_id" {
  description = "Id of the public Route 53 zone of domain_name, stream_domain_name and websocket_domain_name, which receives their records and the proof for their certificates."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null ? true : can(regex("^Z[A-Z0-9]{1,31}$", var.zone_id))
    error_message = "zone_id must be the id of a zone such as Z0123456789ABCDEFGHIJ; got ${coalesce(var.zone_id, "null")}"
  }
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate of the front door, and of stream_domain_name and websocket_domain_name; null: one for each is issued in zone_id."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn != null || var.zone_id != null || var.front_door != "alb" || var.local_endpoint_url != null
    error_message = "front_door = \"alb\" needs certificate_arn, or domain_name with zone_id; got certificate_arn = null, zone_id = null"
  }
  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate; got ${coalesce(var.certificate_arn, "null")}"
  }
}

variable "verify_tokens_at_front_door" {
  description = "Whether the load balancer or the HTTP API verifies tokens before it invokes a function, which verifies them again. It refuses a bad token without a problem document. null: true, but false on the local cloud."
  type        = bool
  default     = null
}

variable "idle_timeout_s" {
  description = "Seconds that the load balancer waits for an answer; at least the longest timeout of the functions behind it, of which stream is not one."
  type        = number
  default     = 120
  nullable    = false

  validation {
    # The functions' deadline is 5 s earlier.
    condition     = var.idle_timeout_s >= 10 && var.idle_timeout_s <= 4000 && floor(var.idle_timeout_s) == var.idle_timeout_s
    error_message = "idle_timeout_s must be a whole number from 10 to 4000; got ${var.idle_timeout_s}"
  }
}

variable "waf" {
  description = "Whether a web application firewall protects the load balancer and the API for streams beside it."
  type        = bool
  default     = true
  nullable    = false
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send through a firewall in five minutes, to the front door and to the user pool."
  type        = number
  default     = 2000
  nullable    = false

  validation {
    condition     = var.rate_limit_per_ip >= 10 && var.rate_limit_per_ip <= 2000000000 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip must be a whole number from 10 to 2000000000; got ${var.rate_limit_per_ip}"
  }
}

variable "throttling" {
  description = "Requests per second that the HTTP API and the API for streams each accept over all clients, and connections and messages that the WebSocket API accepts: a steady rate, and the burst above it."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }
  nullable    = false

  validation {
    # A rate of 0 would refuse everything. AWS lowers a rate above the account's limit.
    condition     = var.throttling.rate >= 1 && var.throttling.burst >= var.throttling.rate && floor(var.throttling.burst) == var.throttling.burst
    error_message = "throttling must have a rate of at least 1 and a whole burst of at least the rate; got ${jsonencode(var.throttling)}"
  }
}

# ---- Network

variable "vpc_cidr" {
  description = "IPv4 block of the VPC: private (RFC 1918), /16 to /22. Each subnet is a sixteenth of it."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(regex("^(10|172[.](1[6-9]|2[0-9]|3[01])|192[.]168)[.].*/(1[6-9]|2[0-2])$", var.vpc_cidr)) && can(cidrsubnet(var.vpc_cidr, 4, 15))
    error_message = "vpc_cidr must be a private IPv4 block of /16 to /22; got ${var.vpc_cidr}"
  }
}

variable "zone_count" {
  description = "Number of the VPC's availability zones: 2, 3 or 4. zones names them instead."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "zone_count must be 2, 3 or 4; got ${var.zone_count}"
  }
}

variable "nat_gateways" {
  description = "NAT gateways through which the private subnets reach the internet over IPv4: one_per_zone, one or none. null: one_per_zone where something in the subnets needs them, otherwise none."
  type        = string
  default     = null

  validation {
    condition     = var.nat_gateways == null ? true : contains(["one_per_zone", "one", "none"], var.nat_gateways)
    error_message = "nat_gateways must be one_per_zone, one or none; got ${coalesce(var.nat_gateways, "null")}"
  }
  validation {
    # Releases of Ollama, its models, most providers and Lambda's own API are reachable over IPv4 only.
    condition     = var.nat_gateways != "none" || var.ollama == null && !(var.functions_in_vpc && (var.functions_reach_internet || var.websocket))
    error_message = "nat_gateways must not be \"none\" with an Ollama host, or with functions in the VPC that reach the internet or serve WebSockets; got none with ollama = ${jsonencode(var.ollama)}, functions_in_vpc = ${var.functions_in_vpc}, functions_reach_internet = ${var.functions_reach_internet}, websocket = ${var.websocket}"
  }
}

variable "functions_reach_internet" {
  description = "Whether functions in the VPC may open HTTPS connections to the internet. With false they reach VPC endpoints, S3 and DynamoDB only, and read the user pool's key set through an endpoint, which AWS does not offer for a pool with a domain."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.functions_reach_internet || !local.reaches_internet
    error_message = "functions_reach_internet must be true, because config_bundle names providers on the internet; got ${var.functions_reach_internet}"
  }
  validation {
    # A VPC endpoint of API Gateway leads to private REST APIs only.
    condition     = var.functions_reach_internet || !var.websocket
    error_message = "functions_reach_internet must be true when websocket is, because frames are sent to an address on the internet; got ${var.functions_reach_internet} with websocket = ${var.websocket}"
  }
  validation {
    condition     = var.functions_reach_internet || !local.pool_has_domain
    error_message = "functions_reach_internet must be true when identity.domain_prefix or existing_user_pool.domain_url is set, because AWS serves the key set of such a pool on the internet only; got ${var.functions_reach_internet} with identity.domain_prefix = ${jsonencode(try(var.identity.domain_prefix, null))}"
  }
  validation {
    # An endpoint leads to pools of its own region only.
    condition     = var.functions_reach_internet || var.existing_user_pool == null || local.existing_pool_region == local.region
    error_message = "functions_reach_internet must be true when existing_user_pool is in another region than ${local.region}; got ${var.functions_reach_internet} with ${try(var.existing_user_pool.id, "null")}"
  }
}

variable "ollama" {
  description = "Private host that serves models with Ollama, as modules/ollama/variables.tf describes it; null: none. ollama_version and ollama_sha256 must belong to the same release."
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
}

# ---- Identity

variable "identity" {
  description = "The user pool, as modules/identity/variables.tf describes it: how people sign in, who they are, machine clients and other identity providers (both need domain_prefix). firewall: whether a web application firewall protects its sign-in; null: if one protects the front door. null with existing_user_pool."
  type = object({
    callback_urls           = set(string)
    logout_urls             = optional(set(string), [])
    domain_prefix           = optional(string)
    firewall                = optional(bool)
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
  default = null
}

variable "oidc_client_secrets" {
  description = "Client secret that each of identity.oidc_providers has issued to us, by the provider's name. Cognito returns it when it is read, so it is stored in the encrypted state."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
}

# ---- Operation

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
  description = "Retention in the audit bucket. lock_mode is COMPLIANCE (nobody, not even the account's root user, can delete an entry early) or GOVERNANCE (a special permission can). An entry is locked for lock_days, moves to Glacier Instant Retrieval after archive_days (S3 leaves those below 128 KB where they are) and is deleted after keep_days."
  type = object({
    lock_mode    = optional(string, "COMPLIANCE")
    lock_days    = optional(number, 365)
    archive_days = optional(number, 90)
    keep_days    = optional(number, 730)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.audit.lock_mode)
    error_message = "audit.lock_mode must be COMPLIANCE or GOVERNANCE; got ${var.audit.lock_mode}"
  }
  validation {
    condition = alltrue([for days in [var.audit.lock_days, var.audit.archive_days, var.audit.keep_days] : days >= 1 && days <= 36500 && floor(days) == days]) && (
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
