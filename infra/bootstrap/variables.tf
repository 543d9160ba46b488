variable "name" {
  description = "Common prefix of the environments' names: openclaw-dev and openclaw-prod share a bootstrap named openclaw. It must equal `project` of the deployments."
  type        = string
  default     = "openclaw"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name must be 3 to 32 characters of a-z, 0-9 and - and start with a letter; got ${var.name}"
  }
}

variable "region" {
  description = "Region of the state and of everything that the boundaries permit."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of a region such as eu-central-1; got ${var.region}"
  }
}

variable "bedrock_regions" {
  description = "Other regions whose Bedrock models the boundary permits, for cross-region inference profiles. With none, prompts stay in `region`."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.bedrock_regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", region))])
    error_message = "bedrock_regions must be codes of regions such as eu-west-1; got ${join(", ", var.bedrock_regions)}"
  }
}

variable "bedrock_global" {
  description = "Whether the boundary permits global inference profiles, which process prompts in any region of AWS."
  type        = bool
  default     = false
}

variable "api_gateway_logs" {
  description = "Whether to give API Gateway a role for writing logs, a setting that all REST and WebSocket APIs of the account and region share. The APIs for streams and WebSockets need one. Leave it false if there is one already, which this would replace and a destroy would remove."
  type        = bool
  default     = false
}

variable "state_retention_days" {
  description = "Days for which an overwritten version of a state is kept."
  type        = number
  default     = 90

  validation {
    condition     = var.state_retention_days >= 30 && var.state_retention_days <= 3650
    error_message = "state_retention_days must be 30 to 3650; got ${var.state_retention_days}"
  }
}

variable "allowed_account_ids" {
  description = "Ids of the accounts in which the bootstrap may be applied; with credentials of another account every plan fails. null: any account."
  type        = set(string)
  default     = null

  validation {
    condition     = var.allowed_account_ids == null ? true : length(var.allowed_account_ids) > 0 && alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids must be ids of 12 digits; got ${jsonencode(var.allowed_account_ids)}"
  }
}
