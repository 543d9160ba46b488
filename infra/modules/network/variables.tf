variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "cidr" {
  description = "IPv4 block of the VPC; each subnet is a sixteenth of it. Amazon assigns the IPv6 block."
  type        = string
}

variable "nat_gateways" {
  description = "NAT gateways through which the private subnets reach the internet over IPv4: one_per_zone survives the loss of a zone, one costs less, none leaves IPv6 through the egress-only gateway."
  type        = string
}

variable "redirect_http" {
  description = "Whether port 80 of the load balancer's subnets is open, for a load balancer that redirects to HTTPS."
  type        = bool
  default     = false
}

variable "internal_load_balancer" {
  description = "Whether the load balancer is in the private subnets, and clients outside the VPC reach it there."
  type        = bool
  default     = false
}

variable "ollama_host" {
  description = "Whether the private subnets contain an Ollama host, whose packages and sessions the endpoints then let pass."
  type        = bool
  default     = false
}

variable "egress" {
  description = "What the private subnets may connect to besides port 443: a network, or null for the internet through the NAT gateways, and a port of it."
  type        = list(object({ cidr = string, port = number }))
  default     = []
  nullable    = false

  validation {
    # A network ACL has 20 rules for each direction and address family.
    condition     = length(var.egress) <= 15
    error_message = "egress may contain 15 entries, because a network ACL has 20 rules; got ${length(var.egress)}: ${jsonencode(var.egress)}"
  }
}

variable "interface_endpoints" {
  description = "AWS services that have an interface endpoint in the private subnets."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(setsubtract(var.interface_endpoints, ["bedrock", "bedrock-runtime", "cognito-idp", "lambda", "logs", "monitoring", "rds-data", "secretsmanager", "ssm", "ssmmessages"])) == 0
    error_message = "interface_endpoints may contain bedrock, bedrock-runtime, cognito-idp, lambda, logs, monitoring, rds-data, secretsmanager, ssm and ssmmessages; got ${join(", ", var.interface_endpoints)}."
  }
}

variable "endpoints_security_group_id" {
  description = "Id of the security group of the interface endpoints."
  type        = string
}

variable "endpoint_resource_arns" {
  description = "ARNs that can be reached through each endpoint: s3, dynamodb and each of interface_endpoints except bedrock, monitoring and ssmmessages, whose actions have no resource of ours. An ARN may end with *, but must not be *."
  type        = map(list(string))
  nullable    = false

  validation {
    condition     = alltrue([for service in setunion(setsubtract(var.interface_endpoints, local.without_resources), ["s3", "dynamodb"]) : try(length(var.endpoint_resource_arns[service]) > 0, false)])
    error_message = "endpoint_resource_arns must contain an ARN for every endpoint; missing: ${join(", ", [for service in setunion(setsubtract(var.interface_endpoints, local.without_resources), ["s3", "dynamodb"]) : service if !try(length(var.endpoint_resource_arns[service]) > 0, false)])}"
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

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that limits the role of the flow logs: the bootstrap's service_boundary_arn."
  type        = string
}
