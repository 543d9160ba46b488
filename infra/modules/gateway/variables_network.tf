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
