# The VPC's zones: those that are given, or the first ones that have every interface endpoint, because AWS refuses an endpoint in
# the subnet of a zone that does not have it.

variable "zone_count" {
  description = "Number of availability zones, each with one public and one private subnet, unless zones names them."
  type        = number
}

variable "zones" {
  description = "Names of the availability zones; null: the first zone_count by name that have every interface endpoint."
  type        = list(string)
  default     = null

  validation {
    condition     = var.zones == null ? true : length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be 2 to 4 different zones; got ${jsonencode(var.zones)}"
  }
}

data "aws_availability_zones" "current" {
  #checkov:skip=CKV_AWS_394: names are sorted and the first ones are used, so a new zone at the end changes nothing; zones fixes them
  state = "available"

  # Not every local zone has NAT gateways and load balancers.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_vpc_endpoint_service" "interface" {
  for_each = var.zones == null ? var.interface_endpoints : []

  service_name = "com.amazonaws.${local.region}.${each.key}"
  service_type = "Interface"
}

locals {
  endpoint_zones = { for service, endpoint in data.aws_vpc_endpoint_service.interface : service => endpoint.availability_zones }
  usable_zones   = [for zone in data.aws_availability_zones.current.names : zone if alltrue([for zones in values(local.endpoint_zones) : contains(zones, zone)])]

  # Where zones are missing the VPC refuses the plan (main.tf); until then every subnet needs a name.
  zones      = var.zones == null ? slice(concat(local.usable_zones, [for number in range(var.zone_count) : "missing"]), 0, var.zone_count) : var.zones
  zone_count = var.zones == null ? var.zone_count : length(var.zones)
}
