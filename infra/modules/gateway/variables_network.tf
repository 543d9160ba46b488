# Which network the gateway uses. variables.tf has the rest: addresses, NAT gateways, Ollama.

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
