variable "accept_no_waf" {
  description = "Acceptance that an environment named prod (also production, prod-…) has no firewall, because front_door is apigateway or waf is false: who answers for it, why, and the last day (YYYY-MM-DD, at most 365 days ahead). After that day only a destroy is planned."
  type        = object({ owner = string, reason = string, expires = string })
  default     = null

  validation {
    condition     = !local.unprotected_production || var.accept_no_waf != null
    error_message = "accept_no_waf = { owner, reason, expires } must be set, because ${var.environment} has no firewall; got null with front_door = \"${var.front_door}\", waf = ${var.waf}"
  }
  validation {
    condition     = var.accept_no_waf == null ? true : trimspace(var.accept_no_waf.owner) != "" && trimspace(var.accept_no_waf.reason) != ""
    error_message = "owner and reason in accept_no_waf must not be empty; got ${jsonencode(var.accept_no_waf)}"
  }
  validation {
    condition = var.accept_no_waf == null ? true : try(
      length(regexall("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.accept_no_waf.expires)) == 1 && timecmp("${var.accept_no_waf.expires}T00:00:00Z", timeadd(plantimestamp(), "8760h")) <= 0, false
    )
    error_message = "expires in accept_no_waf must be a date, YYYY-MM-DD, at most 365 days ahead; got ${try(var.accept_no_waf.expires, "null")}"
  }
}
