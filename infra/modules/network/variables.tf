variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 characters of a-z, 0-9 and inner hyphens, a letter first; got \"${var.name}\"."
  }
}

variable "cidr" {
  description = "IPv4 block of the VPC; each subnet takes a sixteenth of it. The IPv6 block comes from Amazon."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\..*/(1[6-9]|2[0-2])$", var.cidr)) && can(cidrsubnet(var.cidr, 4, 15))
    error_message = "cidr must be a private IPv4 block (RFC 1918) of /16 to /22; got \"${var.cidr}\"."
  }
}

variable "zone_count" {
  description = "Number of availability zones, each with one public and one private subnet."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "zone_count must be 2, 3 or 4; got ${var.zone_count}."
  }
}

variable "nat_gateways" {
  description = "IPv4 way out of the private subnets: one_per_zone survives the loss of a zone, one is cheaper, none leaves only IPv6 through the egress-only gateway."
  type        = string
  default     = "one_per_zone"

  validation {
    condition     = contains(["one_per_zone", "one", "none"], var.nat_gateways)
    error_message = "nat_gateways must be one_per_zone, one or none; got \"${var.nat_gateways}\"."
  }
  validation {
    # What they ask for on the internet answers on IPv4 only.
    condition     = var.nat_gateways != "none" || !(var.functions_reach_internet || var.create_ollama_group)
    error_message = "functions that reach the internet and the Ollama host need a NAT gateway; got nat_gateways = \"${var.nat_gateways}\" with functions_reach_internet = ${var.functions_reach_internet}, create_ollama_group = ${var.create_ollama_group}."
  }
}

variable "load_balancer" {
  description = "Whether a load balancer stands in the public subnets and needs a security group."
  type        = bool
  default     = true
}

variable "load_balancer_reaches_internet" {
  description = "Lets the load balancer fetch the key set of the user pool over HTTPS; needed only where its listener verifies tokens."
  type        = bool
  default     = false
}

variable "functions_reach_internet" {
  description = "Lets the functions in the VPC open HTTPS connections to the internet: to Anthropic, OpenAI and other providers, and to the key set of the user pool where that has no endpoint in the VPC."
  type        = bool
  default     = false
}

variable "create_ollama_group" {
  description = "Whether an Ollama host stands in the private subnets and needs a security group."
  type        = bool
  default     = false
}

variable "ollama_port" {
  description = "TCP port of the Ollama host's TLS door."
  type        = number
  default     = 11434

  validation {
    condition     = var.ollama_port >= 1024 && var.ollama_port <= 65535 && floor(var.ollama_port) == var.ollama_port
    error_message = "ollama_port must be a whole number from 1024 to 65535; got ${var.ollama_port}."
  }
}

variable "allow_internet" {
  description = "Permits 0.0.0.0/0 and ::/0 in allowed_cidrs."
  type        = bool
  default     = false
}

variable "allowed_cidrs" {
  description = "Who reaches the load balancer on 80 and 443. An entry serves until the end of its expiry day (UTC, YYYY-MM-DD); after it every plan fails until the entry is renewed or removed."
  type = map(object({
    cidr    = string
    owner   = string
    reason  = string
    expires = string
  }))
  default  = {}
  nullable = false

  validation {
    # cidrsubnet(x, 0, 0) is x in canonical form, which keeps host bits and odd spellings out.
    condition = alltrue([for e in values(var.allowed_cidrs) : try(cidrsubnet(e.cidr, 0, 0) == e.cidr, false)])
    error_message = "allowed_cidrs: each cidr must be a network in canonical form such as 203.0.113.0/24 or 2001:db8::/32; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\"" if !try(cidrsubnet(e.cidr, 0, 0) == e.cidr, false)
    ])}."
  }

  validation {
    condition = var.allow_internet || alltrue([for e in values(var.allowed_cidrs) : !contains(["0.0.0.0/0", "::/0"], e.cidr)])
    error_message = "allowed_cidrs: the whole internet needs allow_internet = true; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\"" if contains(["0.0.0.0/0", "::/0"], e.cidr)
    ])}."
  }

  validation {
    condition = alltrue([
      for e in values(var.allowed_cidrs) : contains(["0.0.0.0/0", "::/0"], e.cidr) ||
      try(tonumber(split("/", e.cidr)[1]) >= (strcontains(e.cidr, ":") ? 32 : 16), true)
    ])
    error_message = "allowed_cidrs: wider than /16 (IPv4) or /32 (IPv6) is refused; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\""
      if !contains(["0.0.0.0/0", "::/0"], e.cidr) && !try(tonumber(split("/", e.cidr)[1]) >= (strcontains(e.cidr, ":") ? 32 : 16), true)
    ])}."
  }

  validation {
    condition = alltrue([
      for e in values(var.allowed_cidrs) : can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", e.expires)) && can(timeadd("${e.expires}T00:00:00Z", "0s"))
    ])
    error_message = "allowed_cidrs: expires must be a date such as 2030-12-31; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.expires}\""
      if !(can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", e.expires)) && can(timeadd("${e.expires}T00:00:00Z", "0s")))
    ])}."
  }

  validation {
    condition = alltrue([for e in values(var.allowed_cidrs) : try(timecmp("${e.expires}T23:59:59Z", plantimestamp()) >= 0, true)])
    error_message = "allowed_cidrs: expired entries must be renewed or removed; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\" (owner ${e.owner}, expired ${e.expires})"
      if !try(timecmp("${e.expires}T23:59:59Z", plantimestamp()) >= 0, true)
    ])}."
  }

  validation {
    condition = alltrue([for e in values(var.allowed_cidrs) : trimspace(e.owner) != "" && trimspace(e.reason) != ""])
    error_message = "allowed_cidrs: owner and reason must say something; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = {owner = \"${e.owner}\", reason = \"${e.reason}\"}"
      if trimspace(e.owner) == "" || trimspace(e.reason) == ""
    ])}."
  }
}

variable "interface_endpoints" {
  description = "AWS services that get an interface endpoint in the private subnets."
  type        = set(string)
  default     = ["bedrock", "bedrock-runtime", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.interface_endpoints, ["bedrock", "bedrock-runtime", "cognito-idp", "kms", "logs", "secretsmanager", "sns", "sqs", "ssm"])) == 0
    error_message = "interface_endpoints may hold bedrock, bedrock-runtime, cognito-idp, kms, logs, secretsmanager, sns, sqs and ssm; got ${join(", ", var.interface_endpoints)}."
  }
}

variable "endpoint_resource_arns" {
  description = "Per endpoint (s3, dynamodb and each of interface_endpoints but bedrock, which only lists) the ARNs that may be reached through it; * may end an ARN, never be one."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = alltrue([for service in setunion(setsubtract(var.interface_endpoints, ["bedrock"]), ["s3", "dynamodb"]) : try(length(var.endpoint_resource_arns[service]) > 0, false)])
    error_message = "endpoint_resource_arns must name at least one ARN for every endpoint; missing: ${join(", ", [for service in setunion(setsubtract(var.interface_endpoints, ["bedrock"]), ["s3", "dynamodb"]) : service if !try(length(var.endpoint_resource_arns[service]) > 0, false)])}."
  }

  validation {
    condition     = alltrue([for arn in flatten(values(var.endpoint_resource_arns)) : startswith(arn, "arn:")])
    error_message = "endpoint_resource_arns must hold ARNs; got ${join(", ", [for arn in flatten(values(var.endpoint_resource_arns)) : "\"${arn}\"" if !startswith(arn, "arn:")])}."
  }
}

variable "logs_kms_key_arn" {
  description = "KMS key that encrypts the flow logs; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.logs_kms_key_arn))
    error_message = "logs_kms_key_arn must be the ARN of a KMS key; got \"${var.logs_kms_key_arn}\"."
  }
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs knows (30, 90, 180, 365, ...); got ${var.log_retention_days}."
  }
}
