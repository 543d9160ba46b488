# Which network the gateway uses, and the Ollama host in it.

variable "zones" {
  description = "Names of the VPC's availability zones, 2 to 4, instead of zone_count; null: the first ones by name that have every interface endpoint. The output zones shows them; set them here to keep them, because another order replaces the subnets."
  type        = list(string)
  default     = null

  validation {
    condition     = var.zones == null ? true : length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be 2 to 4 different zones; got ${jsonencode(var.zones)}"
  }
  validation {
    condition     = var.zones == null ? true : alltrue([for zone in var.zones : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9][a-z]$", zone))])
    error_message = "zones must be names such as eu-central-1a; got ${jsonencode(var.zones)}"
  }
}

variable "existing_vpc" {
  description = "VPC to use instead of one of our own, with DNS support and host names: its id, private subnets with a way to AWS (NAT gateways, or the interface endpoints of modules/network with private DNS names), and public subnets for a load balancer that is not internal. Routes, network ACLs, endpoints and flow logs are its owner's; only security groups are created. null: a VPC of our own, if one is needed."
  type = object({
    id                 = string
    private_subnet_ids = optional(list(string), [])
    public_subnet_ids  = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.existing_vpc == null ? true : can(regex("^vpc-[0-9a-f]+$", var.existing_vpc.id)) && alltrue([for id in concat(var.existing_vpc.private_subnet_ids, var.existing_vpc.public_subnet_ids) : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "existing_vpc must have the id of a VPC, vpc-…, and of subnets, subnet-…; got ${jsonencode(var.existing_vpc)}"
  }
  validation {
    condition     = var.existing_vpc == null ? true : var.front_door != "alb" || length(var.internal ? var.existing_vpc.private_subnet_ids : var.existing_vpc.public_subnet_ids) >= 2
    error_message = "existing_vpc needs two ${var.internal ? "private" : "public"} subnets for the load balancer; got ${jsonencode(var.existing_vpc)}"
  }
  validation {
    condition     = var.existing_vpc == null ? true : !local.anything_private || length(var.existing_vpc.private_subnet_ids) >= 1
    error_message = "existing_vpc needs a private subnet for functions in the VPC or an Ollama host; got ${jsonencode(var.existing_vpc)}"
  }
  validation {
    condition     = var.existing_vpc == null || var.zones == null && var.nat_gateways == null
    error_message = "existing_vpc has zones and NAT gateways of its own, so zones and nat_gateways must be null; got zones = ${jsonencode(var.zones)}, nat_gateways = ${jsonencode(var.nat_gateways)}"
  }
}

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
    error_message = "functions_reach_internet must be true, because config_bundle names providers or actions on the internet; got ${var.functions_reach_internet}"
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
