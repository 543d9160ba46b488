# A VPC stands only where something is in it: a load balancer, an Ollama host, functions that reach it.

locals {
  anything_private = local.reaches_models_in_vpc
  needs_network    = var.front_door == "alb" || local.anything_private

  # Nobody uses a way out or an interface endpoint of empty private subnets, and both cost by the hour.
  functions_reach_internet = local.anything_private && var.functions_reach_internet
  nat_gateways             = coalesce(var.nat_gateways, local.functions_reach_internet || var.ollama != null ? "one_per_zone" : "none")
  interface_endpoints = local.anything_private ? toset(concat(
    ["kms", "logs", "secretsmanager", "sns", "sqs", "ssm"],
    length(local.model_arns) > 0 ? ["bedrock", "bedrock-runtime"] : [],
    # Once it stands, the whole VPC finds the user pools through it alone, and AWS refuses there a pool that has a domain.
    local.functions_reach_internet ? [] : ["cognito-idp"],
  )) : toset([])

  # What of ours may be reached through each endpoint. Written out where the resource would otherwise wait for the network,
  # and never module.ollama[*], which is known only when the host is there.
  endpoint_resource_arns = {
    s3              = flatten([for arn in [module.audit.audit_bucket_arn, module.audit.logs_bucket_arn] : [arn, "${arn}/*"]])
    dynamodb        = concat([module.memory.table_arn], values(module.memory.index_arns))
    bedrock-runtime = local.model_arns
    cognito-idp     = ["arn:${local.partition}:cognito-idp:${local.here}:userpool/${module.identity.user_pool_id}"]
    secretsmanager  = concat(values(module.secrets.arns), var.ollama == null ? [] : module.ollama[0].secret_arns)
    ssm             = concat([local.configuration_arn, "${local.configuration_arn}/*", "arn:${local.partition}:ssm:${local.here}:parameter/${local.name}/ollama/ca"], [for name in sort(local.named_parameters) : "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"])
    kms             = [module.keys.data_key_arn, module.keys.logs_key_arn]
    logs = concat(
      [for key in keys(local.functions) : "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${local.name}-${key}:*"],
      # The host logs sessions.
      var.ollama == null ? [] : ["arn:${local.partition}:logs:${local.here}:log-group:/${local.name}/ollama/sessions:*"],
    )
    sns = ["arn:${local.partition}:sns:${local.here}:${local.name}-*"]
    sqs = ["arn:${local.partition}:sqs:${local.here}:${local.name}-*"]
  }
}

module "network" {
  source = "./modules/network"
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
  source = "./modules/ollama"
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
