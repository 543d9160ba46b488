variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "vpc_id" {
  description = "Id of the VPC of the security groups."
  type        = string
}

variable "endpoint_cidrs" {
  description = "IPv4 blocks of a VPC that has interface endpoints of its owner's; null: the endpoints are ours and get a security group."
  type        = list(string)
  default     = null
}

variable "load_balancer" {
  description = "Whether the VPC contains a load balancer, which needs a security group."
  type        = bool
  default     = true
}

variable "redirect_http" {
  description = "Whether allowed_cidrs may also reach port 80 of the load balancer, which redirects to HTTPS."
  type        = bool
  default     = false
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

variable "functions_internet_ports" {
  description = "TCP ports besides 443 at which functions in the VPC may reach the internet, if functions_reach_internet."
  type        = set(number)
  default     = []
  nullable    = false
}

variable "private_egress" {
  description = "Private networks that actions of agents reach, and the TCP port of each, by a text that names both. The functions that run agents get a security group for them."
  type        = map(object({ cidr = string, port = number }))
  default     = {}
  nullable    = false

  validation {
    # A security group has 60 rules for each address family.
    condition     = length(var.private_egress) <= 60
    error_message = "private_egress may contain 60 entries; got ${length(var.private_egress)}"
  }
  validation {
    condition     = alltrue([for target in var.private_egress : try(cidrsubnet(target.cidr, 0, 0) == target.cidr && !contains(["0.0.0.0/0", "::/0"], target.cidr), false)])
    error_message = "each cidr in private_egress must be a network in canonical form, and not everything; got ${jsonencode(var.private_egress)}"
  }
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
  description = "Networks that can reach the load balancer. An entry is valid until the end of its last day `expires` (UTC, YYYY-MM-DD); from then on it is left out of every rule."
  type = map(object({
    cidr        = string
    owner       = string
    approved_by = string
    reason      = string
    expires     = string
  }))
  default  = {}
  nullable = false

  validation {
    # A security group has 60 rules for each address family, and the list is also stored in a function's environment and in
    # the policy of an API, which have 4 KB and 8 KB.
    condition     = length(var.allowed_cidrs) <= (var.redirect_http ? 30 : 40)
    error_message = "allowed_cidrs may contain 40 entries, or 30 with redirect_http, which takes a second rule for each; got ${length(var.allowed_cidrs)}"
  }

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
    error_message = "expires in allowed_cidrs must be a date, YYYY-MM-DD; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.expires}\""
      if !(can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", e.expires)) && can(timeadd("${e.expires}T00:00:00Z", "0s")))
    ])}"
  }

  validation {
    # The time that remains only becomes shorter, so an entry that was accepted once stays accepted.
    condition = alltrue([for e in values(var.allowed_cidrs) : try(timecmp("${e.expires}T00:00:00Z", timeadd(plantimestamp(), "8760h")) <= 0, true)])
    error_message = "expires in allowed_cidrs must be at most 365 days ahead, so that each entry is looked at once a year; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = \"${e.expires}\"" if !try(timecmp("${e.expires}T00:00:00Z", timeadd(plantimestamp(), "8760h")) <= 0, true)
    ])}"
  }

  validation {
    condition = alltrue([for e in values(var.allowed_cidrs) : trimspace(e.owner) != "" && trimspace(e.approved_by) != "" && trimspace(e.reason) != ""])
    error_message = "owner, approved_by and reason in allowed_cidrs must not be empty; got ${join(", ", [
      for name, e in var.allowed_cidrs : "${name} = {owner = \"${e.owner}\", approved_by = \"${e.approved_by}\", reason = \"${e.reason}\"}"
      if trimspace(e.owner) == "" || trimspace(e.approved_by) == "" || trimspace(e.reason) == ""
    ])}"
  }
}
