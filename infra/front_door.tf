# Either a load balancer or an HTTP API stands before the functions; both serve the same routes (routes.tf). Beside it
# stand a REST API for streams alone, and a WebSocket API.

locals {
  served = {
    for key, function in module.function : key => {
      arn           = function.alias_arn
      function_name = function.function_name
      alias         = function.alias_name
    }
  }

  # What does not stream has no right to invoke the function that does, nor the one that hears WebSockets.
  served_whole = { for key, function in local.served : key => function if !contains(["stream", "websocket"], key) }

  # Blocks of addresses that reach the gateway: nobody where there are none; null: everybody.
  reaching_cidrs = var.front_door == "alb" ? [for allowed in values(var.allowed_cidrs) : allowed.cidr] : null

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
  functions         = local.served_whole
  routes            = local.load_balancer_routes

  idle_timeout_s             = var.idle_timeout_s
  longest_function_timeout_s = max([for key in keys(local.served_whole) : local.sizes[key].timeout_s]...)

  # No client ids: people's id tokens, which the gateway takes too, carry none that the load balancer could compare.
  jwt = local.verifies_tokens ? { issuer = module.identity.issuer, jwks_url = module.identity.jwks_url } : null

  waf               = var.waf
  rate_limit_per_ip = var.rate_limit_per_ip
  # The firewall also stands before the API that streams, where paths begin with the stage.
  prompt_path_prefixes = ["/v1/agent/", "/${local.stream_stage}/v1/agent/"]
  access_logs_bucket   = module.audit.logs_bucket
  deletion_protection  = var.deletion_protection
  logs_kms_key_arn     = module.keys.logs_key_arn
  log_retention_days   = var.log_retention_days

  local           = local.local
  http_only       = local.local
  ip_address_type = local.local ? "ipv4" : "dualstack"
}

module "api" {
  source = "./modules/api"
  count  = var.front_door == "apigateway" ? 1 : 0

  name               = local.name
  functions          = local.served_whole
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

# ---- Streams

locals {
  stream_stage = "live"

  # Who reaches it is who reaches the front door. AWS WAF can stand before it also where it cannot before an HTTP API,
  # but one that costs by the month is not what somebody chose who chose that.
  stream_firewall = var.front_door == "alb" && var.waf ? { arn = module.edge[0].web_acl_arn } : null
}

# It answers by the name that AWS gives it.
module "stream" {
  source = "./modules/stream"

  name               = local.name
  stage_name         = local.stream_stage
  function           = local.served["stream"]
  allowed_cidrs      = local.reaching_cidrs
  firewall           = local.stream_firewall
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
}

# ---- WebSockets

locals {
  websocket_stage = "live"

  # By index and never module.websocket[*], which is known only when the function stands that is told these.
  websocket_api_id = var.websocket ? module.websocket[0].id : null
  connections_url  = !var.websocket ? null : local.local ? "${var.local_endpoint_url}/_aws/execute-api/${local.websocket_api_id}/${local.websocket_stage}" : module.websocket[0].management_url
}

# No firewall and no list of addresses can stand before it: the function looks at the address (OPENCLAW_ALLOWED_CIDRS).
module "websocket" {
  source = "./modules/websocket"
  count  = var.websocket ? 1 : 0

  name               = local.name
  stage_name         = local.websocket_stage
  function           = local.served["websocket"]
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
}
