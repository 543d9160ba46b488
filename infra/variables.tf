variable "region" {
  description = "AWS region in which everything runs, prompts included."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of a region such as eu-central-1; got ${var.region}"
  }
}

variable "allowed_account_ids" {
  description = "Ids of the accounts in which this root may be applied; with credentials of another account every plan fails. null: any account."
  type        = set(string)
  default     = null

  validation {
    condition     = var.allowed_account_ids == null ? true : length(var.allowed_account_ids) > 0 && alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids must be ids of 12 digits; got ${jsonencode(var.allowed_account_ids)}"
  }
}

variable "cost_tags" {
  description = "Tags that everything carries besides Project, Environment and ManagedBy, for cost allocation, such as CostCenter."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.cost_tags), ["Project", "Environment", "ManagedBy", "Component"])) == 0
    error_message = "cost_tags must not contain Project, Environment, ManagedBy or Component; got ${join(", ", keys(var.cost_tags))}"
  }
}

# ---- What every deployment names; see modules/gateway/variables*.tf

variable "environment" { type = string }
variable "config_bundle" { type = string }
variable "secret_writer_role_arns" { type = any }

# ---- What has a default there. A variable with type = any takes a value in Terraform's own syntax from -var and TF_VAR_ too.

variable "project" { default = "openclaw" }
variable "deletion_protection" { default = null }
variable "permissions_boundary_arn" { default = null }
variable "host_permissions_boundary_arn" { default = null }
variable "service_permissions_boundary_arn" { default = null }
variable "log_level" { default = null }
variable "package_dir" { default = null }
variable "architecture" { default = null }
variable "functions_in_vpc" { default = null }
variable "front_door" { default = null }
variable "allow_internet" { default = null }
variable "redirect_http" { default = null }
variable "internal" { default = null }
variable "streams" { default = null }
variable "websocket" { default = null }
variable "domain_name" { default = null }
variable "stream_domain_name" { default = null }
variable "websocket_domain_name" { default = null }
variable "zone_id" { default = null }
variable "certificate_arn" { default = null }
variable "verify_tokens_at_front_door" { default = null }
variable "idle_timeout_s" { default = null }
variable "waf" { default = null }
variable "rate_limit_per_ip" { default = null }
variable "vpc_cidr" { default = null }
variable "zone_count" { default = null }
variable "nat_gateways" { default = null }
variable "functions_reach_internet" { default = null }
variable "tracing" { default = null }
variable "log_retention_days" { default = null }
variable "account_concurrency_limit" { default = null }
variable "local_endpoint_url" { default = null }
variable "environment_overrides" {
  type    = any
  default = null
}
variable "allowed_cross_region_models" {
  type    = any
  default = null
}
variable "secrets" {
  type    = any
  default = null
}
variable "break_glass_role_arns" {
  type    = any
  default = null
}
variable "function_settings" {
  type    = any
  default = null
}
variable "allowed_cidrs" {
  type    = any
  default = null
}
variable "accept_no_waf" {
  type    = any
  default = null
}
variable "throttling" {
  type    = any
  default = null
}
variable "identity" {
  type    = any
  default = null
}
variable "existing_user_pool" {
  type    = any
  default = null
}
variable "existing_vpc" {
  type    = any
  default = null
}
variable "zones" {
  type    = any
  default = null
}
variable "ollama" {
  type    = any
  default = null
}
variable "audit" {
  type    = any
  default = null
}
variable "alarm_emails" {
  type    = any
  default = null
}
variable "alarm_thresholds" {
  type    = any
  default = null
}
variable "oidc_client_secrets" {
  type      = any
  default   = null
  sensitive = true
}
