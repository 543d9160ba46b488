# Production without a firewall is a decision that somebody takes, and takes again when it ends.

locals {
  unprotected_production = can(regex("^prod(uction)?(-|$)", var.environment)) && (var.front_door == "apigateway" || !var.waf)

  # How the acceptance stands: none, accepted, ending (within 30 days) or expired. modules/access/allowed.tf says why
  # plantimestamp().
  no_waf_until = "${try(var.accept_no_waf.expires, "1970-01-01")}T23:59:59Z"
  no_waf = !local.unprotected_production || var.accept_no_waf == null ? "none" : (
    timecmp(local.no_waf_until, plantimestamp()) < 0 ? "expired" : timecmp(local.no_waf_until, timeadd(plantimestamp(), "720h")) < 0 ? "ending" : "accepted"
  )
}

check "accept_no_waf" {
  assert {
    condition     = local.no_waf != "ending"
    error_message = "accept_no_waf ends within 30 days, after which no plan but a destroy succeeds; got ${jsonencode(var.accept_no_waf)}"
  }
}
