# The VPC exists only if something is in it: a load balancer, an Ollama host, or functions.

locals {
  anything_private = local.reaches_models_in_vpc
  needs_network    = var.front_door == "alb" || local.anything_private

  # Empty private subnets need neither NAT gateways nor interface endpoints, and both cost by the hour.
  functions_reach_internet = local.anything_private && var.functions_reach_internet
  nat_gateways             = coalesce(var.nat_gateways, local.functions_reach_internet || var.ollama != null ? "one_per_zone" : "none")
  interface_endpoints = local.anything_private ? toset(concat(
    ["logs", "secretsmanager", "ssm"],
    length(local.model_arns) > 0 ? ["bedrock", "bedrock-runtime"] : [],
    # While it exists, the whole VPC reaches user pools through it only, and there AWS refuses a pool that has a domain.
    local.functions_reach_internet ? [] : ["cognito-idp"],
  )) : toset([])

  # Our resources that can be reached through each endpoint. ARNs are written out where the resource would otherwise wait for
  # the network, and module.ollama[0] is used instead of module.ollama[*], which is known only when the host exists.
  endpoint_resource_arns = {
    s3              = flatten([for arn in [module.audit.audit_bucket_arn, module.audit.logs_bucket_arn] : [arn, "${arn}/*"]])
    dynamodb        = concat([module.memory.table_arn], values(module.memory.index_arns))
    bedrock-runtime = local.model_arns
    cognito-idp     = ["arn:${local.partition}:cognito-idp:${local.here}:userpool/${module.identity.user_pool_id}"]
    secretsmanager  = concat(values(module.secrets.arns), var.ollama == null ? [] : module.ollama[0].secret_arns)
    ssm             = concat([local.configuration_arn, "${local.configuration_arn}/*", "arn:${local.partition}:ssm:${local.here}:parameter/${local.name}/ollama/ca"], [for name in sort(local.named_parameters) : "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"])
    logs = concat(
      [for key in keys(local.functions) : "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${local.name}-${key}:*"],
      # Sessions on the host.
      var.ollama == null ? [] : ["arn:${local.partition}:logs:${local.here}:log-group:/${local.name}/ollama/sessions:*"],
    )
  }
}

module "network" {
  source = "../network"
  count  = local.needs_network ? 1 : 0

  name                = local.name
  cidr                = var.vpc_cidr
  zone_count          = var.zone_count
  nat_gateways        = local.nat_gateways
  interface_endpoints = local.interface_endpoints
  allowed_cidrs       = var.allowed_cidrs
  allow_internet      = var.allow_internet

  load_balancer                  = var.front_door == "alb"
  load_balancer_reaches_internet = local.verifies_tokens && var.front_door == "alb"
  functions_reach_internet       = local.functions_reach_internet
  create_ollama_group            = var.ollama != null
  ollama_port                    = try(var.ollama.port, 11434)
  endpoint_resource_arns         = local.endpoint_resource_arns

  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
}

module "ollama" {
  source = "../ollama"
  count  = var.ollama == null ? 0 : 1

  name                     = local.name
  environment              = var.environment
  vpc_id                   = module.network[0].vpc_id
  subnet_ids               = module.network[0].private_subnet_ids
  security_group_id        = module.network[0].ollama_security_group_id
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
  kms_key_arn              = module.keys.data_key_arn
  logs_kms_key_arn         = module.keys.logs_key_arn
  log_retention_days       = var.log_retention_days
  alarm_topic_arn          = module.observability.topic_arn
  alarm_thresholds         = { memory_percent = var.alarm_thresholds.ollama_memory_percent, disk_percent = var.alarm_thresholds.ollama_disk_percent }
}
