variable "name" {
  description = "Common beginning of every environment's `name`: environments `openclaw-dev` and `openclaw-prod` share a bootstrap named `openclaw`."
  type        = string
  default     = "openclaw"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name is 3 to 32 of a-z, 0-9 and -, a letter first; got ${var.name}"
  }
}

variable "region" {
  description = "Region of the state and of everything that the boundaries allow."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is a region's code such as eu-central-1; got ${var.region}"
  }
}

variable "bedrock_regions" {
  description = "Further regions whose Bedrock models functions may ever invoke, for cross-region inference profiles. Empty: prompts stay in `region`."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.bedrock_regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", region))])
    error_message = "bedrock_regions holds region codes such as eu-west-1; got ${join(", ", var.bedrock_regions)}"
  }
}

variable "bedrock_global" {
  description = "Whether functions may ever use global inference profiles, which answer in any region of AWS."
  type        = bool
  default     = false
}

variable "api_gateway_logs" {
  description = "Whether API Gateway is given a role to write logs with, a setting that all REST and WebSocket APIs of the account and region share. False where it has one already: this would take its place, and a destroy leaves none."
  type        = bool
  default     = true
}

variable "state_retention_days" {
  description = "Days that an overwritten version of a state is kept."
  type        = number
  default     = 90

  validation {
    condition     = var.state_retention_days >= 30 && var.state_retention_days <= 3650
    error_message = "state_retention_days is 30 to 3650; got ${var.state_retention_days}"
  }
}
