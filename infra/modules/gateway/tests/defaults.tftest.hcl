# The defaults. Those of this module apply, because it passes them to the others.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "the_defaults_are_safe" {
  command = plan

  assert {
    condition     = var.identity.mfa == "ON" && var.identity.threat_protection == "ENFORCED" && var.identity.password_minimum_length >= 12
    error_message = "sign-in must need a second factor and a long password, and be assessed for its risk"
  }
  assert {
    condition     = !var.identity.self_sign_up && !var.identity.password_sign_in && length(var.identity.users) == 0 && length(var.identity.machine_clients) == 0
    error_message = "only invited people may have an account, and no password may be sent"
  }
  assert {
    condition     = var.deletion_protection && var.audit.lock_mode == "COMPLIANCE" && var.audit.lock_days >= 365
    error_message = "nothing may be deleted by mistake, and no audit entry by anybody"
  }
  assert {
    condition     = !var.allow_internet && length(var.allowed_cidrs) == 0 && var.waf && local.verifies_tokens
    error_message = "the load balancer must be closed, behind a firewall, and verify tokens"
  }
  assert {
    condition     = var.tracing == "PassThrough" && length(regexall("(?m)^  tracing += var[.]tracing( == \"Active\")?$", join("\n", [file("functions.tf"), file("front_door.tf")]))) == 2
    error_message = "nothing may be traced unless that is asked for"
  }
  assert {
    condition     = var.websocket && var.streams
    error_message = "WebSockets and streams must be served"
  }
  assert {
    condition     = !var.redirect_http && !local.opens_http && length(regexall("(?m)^  redirect_http += local[.]opens_http$", file("network.tf"))) == 2
    error_message = "port 80 must be closed"
  }
  assert {
    condition     = var.log_retention_days == 90 && var.architecture == "arm64" && var.local_endpoint_url == null
    error_message = "logs must be kept for 90 days, functions run on arm64, and local_endpoint_url be null"
  }
  assert {
    condition     = var.nat_gateways == null && var.ollama == null && !var.functions_in_vpc && length(var.allowed_cross_region_models) == 0
    error_message = "nothing may cost by the hour, and no prompt leave the region, unless that is asked for"
  }
  assert {
    condition     = local.permissions_boundary_arn == "arn:aws:iam::111122223333:policy/openclaw-eu-central-1-boundary" && local.host_permissions_boundary_arn == "arn:aws:iam::111122223333:policy/openclaw-eu-central-1-host-boundary" && local.service_permissions_boundary_arn == "arn:aws:iam::111122223333:policy/openclaw-eu-central-1-service-boundary"
    error_message = "the boundaries must be the bootstrap's"
  }
}
