# Either a load balancer or an HTTP API receives requests for the functions; both serve the same routes (routes.tf). Beside it
# are a REST API for streams only, and a WebSocket API.

locals {
  served = {
    for key, function in module.function : key => {
      arn           = function.alias_arn
      function_name = function.function_name
      alias         = function.alias_name
    }
  }

  # A front door that cannot stream may invoke neither the function that streams nor the one behind WebSockets.
  buffered_functions = { for key, function in local.served : key => function if !contains(["archive", "authorizer", "stream", "websocket"], key) }

  # Networks that can reach the gateway today, with their last days; none if it is empty; null: all.
  open_cidrs     = var.front_door == "alb" ? module.access[0].open_cidrs : null
  reaching_cidrs = var.front_door == "alb" ? local.open_cidrs[*].cidr : null

  # With IPv6 addresses and IPv4 networks alone, clients would try an address first that never answers. Everybody reaches an
  # HTTP API. The VPC keeps its IPv6 block in any case, because AWS does not take one away from subnets in use.
  ipv6 = var.front_door == "apigateway" || anytrue([for open in coalesce(local.open_cidrs, []) : strcontains(open.cidr, ":")])

  # The local cloud has no certificates, so its load balancer serves there.
  opens_http = var.redirect_http || local.local

  # Defence in depth, because the functions verify again. The local cloud cannot verify.
  verifies_tokens = coalesce(var.verify_tokens_at_front_door, !local.local)

  # Web pages that can read API Gateway's own 401 and 429. With "*" the functions alone answer, for all pages.
  configured_origins = try([for origin in local.document.cors.allowed_origins : tostring(origin)], [])
  allowed_origins    = contains(local.configured_origins, "*") ? [] : local.configured_origins
}

module "edge" {
  source = "../edge"
  count  = var.front_door == "alb" ? 1 : 0

  name              = local.name
  internal          = var.internal
  ipv6              = local.ipv6
  subnet_ids        = var.internal ? local.private_subnet_ids : local.public_subnet_ids
  security_group_id = module.access[0].load_balancer_security_group_id
  certificate_arn   = local.certificate_arn
  domain_name       = var.domain_name
  redirect_http     = var.redirect_http
  functions         = local.buffered_functions
  routes            = local.load_balancer_routes

  idle_timeout_s             = var.idle_timeout_s
  longest_function_timeout_s = max([for key in keys(local.buffered_functions) : local.sizes[key].timeout_s]...)

  # Without client ids, because people's id tokens, which the gateway accepts too, carry none that the load balancer compares.
  jwt = local.verifies_tokens ? { issuer = local.pool.issuer, jwks_url = local.pool.jwks_url } : null

  waf               = var.waf
  rate_limit_per_ip = var.rate_limit_per_ip
  # The firewall also protects the API for streams, where paths begin with the stage.
  prompt_path_prefixes = ["/v1/agent/", "/${local.stream_stage}/v1/agent/"]
  access_logs_bucket   = module.audit.logs_bucket
  deletion_protection  = var.deletion_protection
  logs_kms_key_arn     = module.keys.logs_key_arn
  log_retention_days   = var.log_retention_days
  keep_log_groups      = var.deletion_protection

  local = local.local
}

module "api" {
  source = "../api"
  count  = var.front_door == "apigateway" ? 1 : 0

  name               = local.name
  functions          = local.buffered_functions
  http_routes        = local.http_api_routes
  authorizer         = local.verifies_tokens
  issuer             = local.pool.issuer
  audience           = concat([local.pool.client_id], values(local.pool.machine_client_ids))
  allowed_origins    = local.allowed_origins
  default_endpoint   = !local.names_api
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}

# ---- Streams

locals {
  stream_stage = "live"

  # It is protected as the front door is. AWS WAF could also protect it beside an HTTP API, but it costs a monthly fee, and an
  # HTTP API is chosen to avoid fixed cost.
  stream_firewall = var.front_door == "alb" && var.waf ? { arn = module.edge[0].web_acl_arn } : null
}

module "stream" {
  source = "../stream"
  count  = var.streams ? 1 : 0

  name               = local.name
  stage_name         = local.stream_stage
  function           = local.served["stream"]
  authorizer         = lookup(local.served, "authorizer", null)
  default_endpoint   = var.stream_domain_name == null
  allowed_cidrs      = local.reaching_cidrs
  ipv6               = local.ipv6
  firewall           = local.stream_firewall
  tracing            = var.tracing == "Active"
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}

# ---- WebSockets

locals {
  websocket_stage = "live"

  # By index instead of module.websocket[*], which would wait for the function that receives these values.
  websocket_api_id = var.websocket ? module.websocket[0].id : null
  connections_url  = !var.websocket ? null : local.local ? "${var.local_endpoint_url}/_aws/execute-api/${local.websocket_api_id}/${local.websocket_stage}" : module.websocket[0].management_url
}

# Neither a firewall nor a list of networks can protect it, so the function checks addresses (OPENCLAW_ALLOWED_CIDRS).
module "websocket" {
  source = "../websocket"
  count  = var.websocket ? 1 : 0

  name               = local.name
  stage_name         = local.websocket_stage
  function           = local.served["websocket"]
  ipv6               = local.ipv6
  local              = local.local
  throttling         = var.throttling
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}
