variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "cidr" {
  description = "IPv4 block of the VPC; each subnet is a sixteenth of it. Amazon assigns the IPv6 block."
  type        = string
}

variable "zone_count" {
  description = "Number of availability zones, each with one public and one private subnet."
  type        = number
}

variable "nat_gateways" {
  description = "NAT gateways through which the private subnets reach the internet over IPv4: one_per_zone survives the loss of a zone, one costs less, none leaves IPv6 through the egress-only gateway."
  type        = string
}

variable "load_balancer" {
  description = "Whether the public subnets contain a load balancer, which needs a security group."
  type        = bool
  default     = true
}

variable "load_balancer_reaches_internet" {
  description = "Whether the load balancer may read the key set of the user pool over HTTPS, as it must when its listener verifies tokens."
  type        = bool
  default     = false
}

variable "functions_reach_internet" {
  description = "Whether functions in the VPC may open HTTPS connections to the internet: to Anthropic, OpenAI and other providers, and to the key set of a user pool without an endpoint in the VPC."
  type        = bool
  default     = false
}

variable "create_ollama_group" {
  description = "Whether the private subnets contain an Ollama host, which needs a security group."
  type        = bool
  default     = false
}

variable "ollama_port" {
  description = "TCP port on which the Ollama host serves TLS."
  type        = number
}

variable "allow_internet" {
  description = "Whether allowed_cidrs may contain 0.0.0.0/0 and ::/0."
  type        = bool
  default     = false
}

variable "allowed_cidrs" {
  description = "Networks that can reach the load balancer on ports 80 and 443. An entry is valid until the end of its expiry day (UTC, YYYY-MM-DD); afterwards every plan fails until the entry is renewed or removed."
  type = map(object({
    cidr    = string
    owner   = string
    reason  = string
    expires = string
  }))
  default  = {}
  nullable = false

  validation {
    # cidrsubnet(x, 0, 0) is x in canonical form, without host bits and unusual spellings.
    condition = alltrue([for e in values(var.allowed_cidrs) : try(cidrsubnet(e.cidr, 0, 0) == e.cidr, false)])
    error_message = "each cidr in allowed_cidrs must be a network in canonical form such as 203.0.113.0/24 or 2001:db8::/32; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\"" if !try(cidrsubnet(e.cidr, 0, 0) == e.cidr, false)
    ])}"
  }

  validation {
    condition = var.allow_internet || alltrue([for e in values(var.allowed_cidrs) : !contains(["0.0.0.0/0", "::/0"], e.cidr)])
    error_message = "allowed_cidrs may contain the whole internet only with allow_internet = true; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\"" if contains(["0.0.0.0/0", "::/0"], e.cidr)
    ])}"
  }

  validation {
    condition = alltrue([
      for e in values(var.allowed_cidrs) : contains(["0.0.0.0/0", "::/0"], e.cidr) ||
      try(tonumber(split("/", e.cidr)[1]) >= (strcontains(e.cidr, ":") ? 32 : 16), true)
    ])
    error_message = "a network in allowed_cidrs must not be wider than /16 (IPv4) or /32 (IPv6); got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\""
      if !contains(["0.0.0.0/0", "::/0"], e.cidr) && !try(tonumber(split("/", e.cidr)[1]) >= (strcontains(e.cidr, ":") ? 32 : 16), true)
    ])}"
  }

  validation {
    condition = alltrue([
      for e in values(var.allowed_cidrs) : can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", e.expires)) && can(timeadd("${e.expires}T00:00:00Z", "0s"))
    ])
    error_message = "expires in allowed_cidrs must be a date such as 2030-12-31; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.expires}\""
      if !(can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", e.expires)) && can(timeadd("${e.expires}T00:00:00Z", "0s")))
    ])}"
  }

  validation {
    condition = alltrue([for e in values(var.allowed_cidrs) : try(timecmp("${e.expires}T23:59:59Z", plantimestamp()) >= 0, true)])
    error_message = "expired entries of allowed_cidrs must be renewed or removed; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.cidr}\" (owner ${e.owner}, expired ${e.expires})"
      if !try(timecmp("${e.expires}T23:59:59Z", plantimestamp()) >= 0, true)
    ])}"
  }

  validation {
    condition = alltrue([for e in values(var.allowed_cidrs) : trimspace(e.owner) != "" && trimspace(e.reason) != ""])
    error_message = "owner and reason in allowed_cidrs must not be empty; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = {owner = \"${e.owner}\", reason = \"${e.reason}\"}"
      if trimspace(e.owner) == "" || trimspace(e.reason) == ""
    ])}"
  }
}

variable "interface_endpoints" {
  description = "AWS services that have an interface endpoint in the private subnets."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(setsubtract(var.interface_endpoints, ["bedrock", "bedrock-runtime", "cognito-idp", "logs", "secretsmanager", "ssm"])) == 0
    error_message = "interface_endpoints may contain bedrock, bedrock-runtime, cognito-idp, logs, secretsmanager and ssm; got ${join(", ", var.interface_endpoints)}."
  }
}

variable "endpoint_resource_arns" {
  description = "ARNs that can be reached through each endpoint: s3, dynamodb and each of interface_endpoints except bedrock, which only lists. An ARN may end with *, but must not be *."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = alltrue([for service in setunion(setsubtract(var.interface_endpoints, ["bedrock"]), ["s3", "dynamodb"]) : try(length(var.endpoint_resource_arns[service]) > 0, false)])
    error_message = "endpoint_resource_arns must contain an ARN for every endpoint; missing: ${join(", ", [for service in setunion(setsubtract(var.interface_endpoints, ["bedrock"]), ["s3", "dynamodb"]) : service if !try(length(var.endpoint_resource_arns[service]) > 0, false)])}"
  }

  validation {
    condition     = alltrue([for arn in flatten(values(var.endpoint_resource_arns)) : startswith(arn, "arn:")])
    error_message = "endpoint_resource_arns must contain ARNs; got ${join(", ", [for arn in flatten(values(var.endpoint_resource_arns)) : "\"${arn}\"" if !startswith(arn, "arn:")])}"
  }
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the flow logs; its policy must let CloudWatch Logs use it."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which flow logs are kept."
  type        = number
}
