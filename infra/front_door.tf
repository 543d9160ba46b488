# Either a load balancer or an HTTP API stands before the functions; both serve the same routes (routes.tf).

locals {
  served = {
    for key, function in module.function : key => {
      arn           = function.alias_arn
      function_name = function.function_name
      alias         = function.alias_name
    }
  }

  # Defence in depth: the functions verify again. The local cloud cannot.
  verifies_tokens = coalesce(var.verify_tokens_at_front_door, !local.local)

  # Who may read API Gateway's own 401 and 429 in a browser. "*" is left to the functions, which answer it for all.
  configured_origins = try([for origin in local.config.cors.allowed_origins : tostring(origin)], [])
  allowed_origins    = contains(local.configured_origins, "*") ? [] : local.configured_origins
}

module "edge" {
  source = "./modules/edge"
  count  = var.front_door == "alb" ? 1 : 0

  name              = local.name
  subnet_ids        = module.network[0].public_subnet_ids
  security_group_id = module.network[0].load_balancer_security_group_id
  certificate_arn   = local.certificate_arn
  domain_name       = var.domain_name
  functions         = local.served
  routes            = local.load_balancer_routes

  idle_timeout_s             = var.idle_timeout_s
  longest_function_timeout_s = max([for size in local.sizes : size.timeout_s]...)

  # No client ids: people's id tokens, which the gateway takes too, carry none that the load balancer could compare.
  jwt = local.verifies_tokens ? { issuer = module.identity.issuer, jwks_url = module.identity.jwks_url } : null

  waf                 = var.waf
  rate_limit_per_ip   = var.rate_limit_per_ip
  access_logs_bucket  = module.audit.logs_bucket
  deletion_protection = var.deletion_protection
  logs_kms_key_arn    = module.keys.logs_key_arn
  log_retention_days  = var.log_retention_days

  local           = local.local
  http_only       = local.local
  ip_address_type = local.local ? "ipv4" : "dualstack"
}

module "api" {
  source = "./modules/api"
  count  = var.front_door == "apigateway" ? 1 : 0

  name               = local.name
  functions          = local.served
  http_routes        = local.http_api_routes
  authorizer         = local.verifies_tokens
  issuer             = module.identity.issuer
  audience           = concat([module.identity.client_id], values(module.identity.machine_client_ids))
  allowed_origins    = local.allowed_origins
  default_endpoint   = !local.names_api
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
}
