# The thin root: where the state is kept, the provider, and one gateway, which is all of modules/gateway. Every variable but
# region, allowed_account_ids and cost_tags goes to that module as it is. It gives each its type, its description, its default and its limits
# (modules/gateway/variables*.tf), so that they are written once; null here means the default there.
#
# Use this root with a file of variables (examples/minimal, examples/complete), or call the module from a root of your own
# (examples/module).

module "gateway" {
  source = "./modules/gateway"

  project                       = var.project
  environment                   = var.environment
  deletion_protection           = var.deletion_protection
  permissions_boundary_arn      = var.permissions_boundary_arn
  host_permissions_boundary_arn = var.host_permissions_boundary_arn

  service_permissions_boundary_arn = var.service_permissions_boundary_arn


  config_bundle               = var.config_bundle
  environment_overrides       = var.environment_overrides
  allowed_cross_region_models = var.allowed_cross_region_models
  secrets                     = var.secrets
  secret_writer_role_arns     = var.secret_writer_role_arns
  log_level                   = var.log_level

  package_dir       = var.package_dir
  architecture      = var.architecture
  function_settings = var.function_settings
  functions_in_vpc  = var.functions_in_vpc

  front_door                  = var.front_door
  allowed_cidrs               = var.allowed_cidrs
  allow_internet              = var.allow_internet
  streams                     = var.streams
  break_glass_role_arns       = var.break_glass_role_arns
  websocket                   = var.websocket
  redirect_http               = var.redirect_http
  internal                    = var.internal
  domain_name                 = var.domain_name
  stream_domain_name          = var.stream_domain_name
  websocket_domain_name       = var.websocket_domain_name
  zone_id                     = var.zone_id
  certificate_arn             = var.certificate_arn
  verify_tokens_at_front_door = var.verify_tokens_at_front_door
  idle_timeout_s              = var.idle_timeout_s
  waf                         = var.waf
  accept_no_waf               = var.accept_no_waf
  rate_limit_per_ip           = var.rate_limit_per_ip
  throttling                  = var.throttling

  vpc_cidr                 = var.vpc_cidr
  zone_count               = var.zone_count
  zones                    = var.zones
  existing_vpc             = var.existing_vpc
  nat_gateways             = var.nat_gateways
  functions_reach_internet = var.functions_reach_internet
  ollama                   = var.ollama

  identity            = var.identity
  existing_user_pool  = var.existing_user_pool
  oidc_client_secrets = var.oidc_client_secrets

  tracing                   = var.tracing
  log_retention_days        = var.log_retention_days
  audit                     = var.audit
  alarm_emails              = var.alarm_emails
  alarm_thresholds          = var.alarm_thresholds
  account_concurrency_limit = var.account_concurrency_limit

  local_endpoint_url = var.local_endpoint_url
}
