# A new function needs a block here, its policy in policies.tf and its route in routes.tf, under the same key. The key is the
# directory in which `make package` leaves its zip.

locals {
  every_function = {
    # Runs agents, and answers when they have finished.
    agent = {
      memory_mb  = 512
      timeout_s  = 115
      configured = true
      in_vpc     = local.reaches_models_in_vpc
    }

    # Lists agents and models, and checks what the gateway depends on.
    agents = {
      memory_mb  = 512
      timeout_s  = 60
      configured = true
      in_vpc     = local.reaches_models_in_vpc
    }

    # Lists, reads and erases conversations.
    conversations = {
      memory_mb  = 512
      timeout_s  = 60
      configured = true
      in_vpc     = var.functions_in_vpc
    }

    # Answers liveness checks and paths that no other function serves, without using anything else.
    health = {
      memory_mb  = 128
      timeout_s  = 10
      configured = false
      in_vpc     = var.functions_in_vpc
    }

    # Runs agents and streams their output: behind an API of its own, and for WebSocket clients.
    stream = {
      memory_mb  = 512
      timeout_s  = 900
      configured = true
      in_vpc     = local.reaches_models_in_vpc
    }

    # Writes the audit trail: invoked by the stream of new entries, and once a day for the manifest.
    archive = {
      memory_mb  = 256
      timeout_s  = 60
      configured = false
      in_vpc     = var.functions_in_vpc
    }

    # Says to the API for streams whether a token is good, so that anonymous requests do not occupy stream.
    authorizer = {
      memory_mb  = 256
      timeout_s  = 10
      configured = true
      in_vpc     = var.functions_in_vpc
    }

    # Receives WebSocket events, and invokes stream to run agents. It calls no model.
    websocket = {
      memory_mb  = 256
      timeout_s  = 30
      configured = true
      in_vpc     = var.functions_in_vpc
    }
  }

  # stream also runs agents for WebSocket clients.
  left_out  = concat(var.streams || var.websocket ? [] : ["stream"], var.streams ? [] : ["authorizer"], var.websocket ? [] : ["websocket"])
  functions = { for key, function in local.every_function : key => function if !contains(local.left_out, key) }
}

# ---- What all of them have in common

locals {
  # The Ollama host can be reached in the VPC only.
  reaches_models_in_vpc = var.functions_in_vpc || var.ollama != null

  sizes = {
    for key, function in local.functions : key => {
      memory_mb               = coalesce(try(var.function_settings[key].memory_mb, null), function.memory_mb)
      timeout_s               = coalesce(try(var.function_settings[key].timeout_s, null), function.timeout_s)
      reserved_concurrency    = coalesce(try(var.function_settings[key].reserved_concurrency, null), lookup(local.default_reserves, key, -1))
      provisioned_concurrency = try(var.function_settings[key].provisioned_concurrency, null)
      stable_version          = try(var.function_settings[key].stable_version, null)
      canary_weight           = try(var.function_settings[key].canary_weight, 0)
    }
  }

  # Our own 504 must come before the front door's, and before Lambda ends the invocation.
  front_door_limit_ms = var.front_door == "alb" ? (var.idle_timeout_s - 5) * 1000 : 28000
  own_limits_ms = {
    # The API for streams waits as long as Lambda lets a function run.
    stream = 900000
    # A WebSocket API waits 29 s, whatever the front door is.
    websocket = 28000
  }
  deadlines_ms = {
    for key, size in local.sizes : key => min(lookup(local.own_limits_ms, key, local.front_door_limit_ms), (size.timeout_s - 2) * 1000)
  }

  log_environment = { OPENCLAW_LOG_LEVEL = var.log_level }

  gateway_environment = merge(
    {
      # Through the resource, because a function that starts before its configuration exists cannot serve.
      OPENCLAW_CONFIG                        = "ssm:${aws_ssm_parameter.configuration.name}"
      OPENCLAW_TABLE                         = module.memory.table_name
      OPENCLAW_SECRETS_PREFIX                = module.secrets.name_prefix
      OPENCLAW__AUTHENTICATION__USER_POOL_ID = local.pool.user_pool_id
      OPENCLAW__AUTHENTICATION__CLIENT_ID    = local.pool.client_id
    },
    var.ollama == null ? {} : { OPENCLAW__PROVIDERS__OLLAMA__BASE_URL = module.ollama[0].base_url },
    # The host writes its certificate when it first starts, so it is known from the next apply on.
    try(module.ollama[0].ca_pem, null) == null ? {} : { OPENCLAW__PROVIDERS__OLLAMA__CA = module.ollama[0].ca_pem },
    # The local cloud's key set is not that of a user pool on AWS.
    local.local ? {
      OPENCLAW_LOCAL                     = "1"
      AWS_ENDPOINT_URL                   = var.local_endpoint_url
      OPENCLAW__AUTHENTICATION__JWKS_URL = "${var.local_endpoint_url}/${local.pool.user_pool_id}/.well-known/jwks.json"
    } : {},
    var.environment_overrides,
  )

  # WebSockets need more: the address for frames, the function that runs agents, and the networks that may connect with
  # their last days, which the function checks itself (all networks if there is no list).
  connections_environment = var.websocket ? { OPENCLAW_CONNECTIONS_URL = local.connections_url } : {}
  own_environments = {
    # These two read no configuration.
    archive = merge(
      {
        OPENCLAW_AUDIT_BUCKET       = module.audit.audit_bucket
        OPENCLAW_AUDIT_TEXTS_BUCKET = module.audit.contents_bucket
        OPENCLAW_AUDIT_TABLE        = module.audit.table_name
      },
      local.local ? { OPENCLAW_LOCAL = "1", AWS_ENDPOINT_URL = var.local_endpoint_url } : {},
    )
    health = length(local.configured_origins) == 0 ? {} : { OPENCLAW_ALLOWED_ORIGINS = join(",", local.configured_origins) }
    stream = local.connections_environment
    websocket = merge(
      local.connections_environment,
      { OPENCLAW_STREAM_FUNCTION = local.alias_arns["stream"] },
      local.open_cidrs == null ? {} : {
        OPENCLAW_ALLOWED_CIDRS = length(local.open_cidrs) == 0 ? "none" : join(",", [for open in local.open_cidrs : "${open.cidr}@${open.expires}"])
      },
    )
  }

  environments = {
    for key, function in local.functions : key => merge(
      local.log_environment,
      contains(local.names_callers, key) ? local.digest_environment : {},
      contains(local.writes_audit, key) ? { OPENCLAW_AUDIT_TABLE = module.audit.table_name } : {},
      function.configured ? merge(local.gateway_environment, { OPENCLAW_DEADLINE_MS = tostring(local.deadlines_ms[key]) }) : {},
      lookup(local.own_environments, key, {}),
    )
  }

  # Asynchronous invocations. A run is never retried, because what it has sent and stored cannot be undone. The destination is
  # the alias itself instead of its name, because Lambda accepts no destination that does not exist.
  asynchronous = var.websocket ? { stream = { on_failure_arn = module.function["websocket"].alias_arn, retries = 0, max_age_s = 60 } } : {}

  # Elsewhere it is written out, because functions that name each other would wait for each other.
  alias_arns = { for key in ["stream", "websocket"] : key => "arn:${local.partition}:lambda:${local.here}:function:${local.name}-${key}:live" }
}

module "function" {
  source   = "../function"
  for_each = local.functions

  name        = local.name
  environment = var.environment
  function    = each.key

  zip_path     = "${var.package_dir}/${each.key}/bootstrap.zip"
  architecture = var.architecture

  memory_mb               = local.sizes[each.key].memory_mb
  timeout_s               = local.sizes[each.key].timeout_s
  reserved_concurrency    = local.sizes[each.key].reserved_concurrency
  provisioned_concurrency = local.sizes[each.key].provisioned_concurrency
  stable_version          = local.sizes[each.key].stable_version
  canary_weight           = local.sizes[each.key].canary_weight

  environment_variables = local.environments[each.key]
  tracing               = var.tracing

  async = lookup(local.asynchronous, each.key, null)

  policy_statements        = local.policies[each.key]
  permissions_boundary_arn = local.permissions_boundary_arn

  vpc = each.value.in_vpc ? {
    subnet_ids         = local.private_subnet_ids
    security_group_ids = concat([module.access[0].functions_security_group_id], contains(local.runs_actions, each.key) ? module.access[0].actions_security_group_ids : [])
  } : null

  kms_key_arn        = module.keys.data_key_arn
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}
