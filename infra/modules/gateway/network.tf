# The VPC exists only if something is in it: a load balancer, an Ollama host, or functions. existing_vpc replaces it; only the
# security groups are ours then.

locals {
  anything_private = local.reaches_models_in_vpc
  needs_network    = var.front_door == "alb" || local.anything_private
  makes_network    = local.needs_network && var.existing_vpc == null

  # By index, because functions and hosts must wait for what these outputs wait for.
  vpc_id             = local.makes_network ? module.network[0].vpc_id : try(var.existing_vpc.id, null)
  public_subnet_ids  = local.makes_network ? module.network[0].public_subnet_ids : try(var.existing_vpc.public_subnet_ids, [])
  private_subnet_ids = local.makes_network ? module.network[0].private_subnet_ids : try(var.existing_vpc.private_subnet_ids, [])

  # Empty private subnets need neither NAT gateways nor interface endpoints, and both cost by the hour. An internal load balancer
  # that verifies tokens reads the key set through a NAT gateway.
  functions_reach_internet = local.anything_private && var.functions_reach_internet
  nat_gateways             = coalesce(var.nat_gateways, local.functions_reach_internet || var.ollama != null || var.internal && local.verifies_tokens ? "one_per_zone" : "none")
  interface_endpoints = local.anything_private ? toset(concat(
    ["logs", "secretsmanager", "ssm"],
    length(local.model_arns) > 0 ? ["bedrock", "bedrock-runtime"] : [],
    # websocket invokes stream, and actions their functions.
    var.functions_in_vpc && var.websocket || length(local.action_functions) > 0 ? ["lambda"] : [],
    length(local.action_clusters) > 0 ? ["rds-data"] : [],
    # Sessions on the host, and its metrics. The functions' metrics are in their logs.
    var.ollama == null ? [] : ["monitoring", "ssmmessages"],
    # While it exists, the whole VPC reaches user pools through it only, and there AWS refuses a pool that has a domain.
    local.functions_reach_internet ? [] : ["cognito-idp"],
  )) : toset([])

  # Our resources that can be reached through each endpoint. ARNs are written out where the resource would otherwise wait for
  # the network, and module.ollama[0] is used instead of module.ollama[*], which is known only when the host exists.
  endpoint_resource_arns = {
    s3              = flatten([for arn in [module.audit.audit_bucket_arn, module.audit.contents_bucket_arn, module.audit.logs_bucket_arn] : [arn, "${arn}/*"]])
    dynamodb        = concat([module.memory.table_arn, module.audit.table_arn], values(module.memory.index_arns), flatten([for arn in local.action_table_arns : [arn, "${arn}/index/*"]]))
    bedrock-runtime = concat(local.model_arns, local.guardrail_arns)
    lambda          = concat([local.alias_arns["stream"]], local.action_function_arns)
    rds-data        = local.action_clusters
    cognito-idp     = ["arn:${local.partition}:cognito-idp:${local.here}:userpool/${local.pool.user_pool_id}"]
    secretsmanager  = concat(values(module.secrets.arns), var.ollama == null ? [] : module.ollama[0].secret_arns)
    ssm             = concat([local.configuration_arn, "${local.configuration_arn}/*", "arn:${local.partition}:ssm:${local.here}:parameter/${local.name}/ollama/ca"], [for name in sort(local.named_parameters) : "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"])
    logs = concat(
      [for key in keys(local.functions) : "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${local.name}-${key}:*"],
      # Sessions on the host.
      var.ollama == null ? [] : ["arn:${local.partition}:logs:${local.here}:log-group:/${local.name}/ollama/sessions:*"],
    )
  }
}

data "aws_vpc" "existing" {
  count = local.needs_network && var.existing_vpc != null ? 1 : 0

  id = var.existing_vpc.id
}

module "network" {
  source = "../network"
  count  = local.makes_network ? 1 : 0

  name                = local.name
  cidr                = var.vpc_cidr
  zone_count          = var.zone_count
  zones               = var.zones
  nat_gateways        = local.nat_gateways
  interface_endpoints = local.interface_endpoints
  ollama_host         = var.ollama != null
  redirect_http       = local.opens_http
  egress              = concat(values(local.private_egress), [for port in local.host_ports : { cidr = null, port = port } if local.functions_reach_internet])

  internal_load_balancer = var.internal

  endpoints_security_group_id = module.access[0].endpoints_security_group_id
  endpoint_resource_arns      = local.endpoint_resource_arns

  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection

  permissions_boundary_arn = local.service_permissions_boundary_arn
}

# The VPC and the security groups need each other's ids, but no resource needs one that needs it.
module "access" {
  source = "../access"
  count  = local.needs_network ? 1 : 0

  name           = local.name
  vpc_id         = local.vpc_id
  endpoint_cidrs = var.existing_vpc == null ? null : data.aws_vpc.existing[0].cidr_block_associations[*].cidr_block
  allowed_cidrs  = var.allowed_cidrs
  allow_internet = var.allow_internet

  load_balancer                  = var.front_door == "alb"
  redirect_http                  = local.opens_http
  load_balancer_reaches_internet = local.verifies_tokens && var.front_door == "alb"
  functions_reach_internet       = local.functions_reach_internet
  functions_internet_ports       = toset(local.host_ports)
  private_egress                 = local.private_egress
  create_ollama_group            = var.ollama != null
  ollama_port                    = try(var.ollama.port, 11434)
}

module "ollama" {
  source = "../ollama"
  count  = var.ollama == null ? 0 : 1

  name                     = local.name
  environment              = var.environment
  vpc_id                   = local.vpc_id
  subnet_ids               = local.private_subnet_ids
  security_group_id        = module.access[0].ollama_security_group_id
  port                     = var.ollama.port
  instance_type            = var.ollama.instance_type
  market                   = var.ollama.market
  models                   = var.ollama.models
  ollama_version           = var.ollama.ollama_version
  ollama_sha256            = var.ollama.ollama_sha256
  volume_gb                = var.ollama.volume_gb
  snapshot_time            = var.ollama.snapshot_time
  snapshots_kept           = var.ollama.snapshots_kept
  max_lifetime_days        = var.ollama.max_lifetime_days
  token_secret_arn         = module.secrets.arns["ollama/token"]
  secret_recovery_days     = var.deletion_protection ? 30 : 0
  permissions_boundary_arn = local.host_permissions_boundary_arn

  service_permissions_boundary_arn = local.service_permissions_boundary_arn

  kms_key_arn        = module.keys.data_key_arn
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
  alarm_topic_arn    = module.observability.topic_arn
  alarm_thresholds   = { memory_percent = var.alarm_thresholds.ollama_memory_percent, disk_percent = var.alarm_thresholds.ollama_disk_percent }
}
