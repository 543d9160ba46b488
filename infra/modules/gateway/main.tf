# The gateway in one account and region. It configures no provider and no backend, so that any root can call it. Its files:
#   main.tf           names, keys, data, people, alarms
#   configuration.tf  the configuration bundle, how it is stored, its secrets
#   models.tf         the models that it names, and where they run
#   actions.tf        what actions of agents need
#   functions.tf      the functions: one block each; concurrency.tf how many invocations each may have at once
#   digests.tf        the key with which log lines name callers
#   audit.tf          who writes the audit trail
#   policies.tf       what each function may do
#   routes.tf         which path goes to which function
#   front_door.tf     load balancer or HTTP API, API for streams, WebSocket API; certificate.tf its name and certificate, api_names.tf theirs
#   health_check.tf   what asks the front door whether it is alive
#   identity.tf       whose tokens are accepted: a user pool of ours, or one that exists
#   network.tf        VPC, security groups and Ollama host; access.tf warnings about the list of networks

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "${var.project}-${var.environment}"
  local     = var.local_endpoint_url != null
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  # ARNs are written out with this, because policies that name each other would otherwise wait for each other.
  here = "${local.region}:${local.account}"

  # The bootstrap, which all environments share, creates them for the roles of our code, of the host, and of services of AWS.
  permissions_boundary_arn      = coalesce(var.permissions_boundary_arn, "arn:${local.partition}:iam::${local.account}:policy/${var.project}-${local.region}-boundary")
  host_permissions_boundary_arn = coalesce(var.host_permissions_boundary_arn, "arn:${local.partition}:iam::${local.account}:policy/${var.project}-${local.region}-host-boundary")

  service_permissions_boundary_arn = coalesce(var.service_permissions_boundary_arn, "arn:${local.partition}:iam::${local.account}:policy/${var.project}-${local.region}-service-boundary")
}

module "keys" {
  source = "../keys"

  name                 = local.name
  encrypts_disks       = var.ollama != null
  deletion_window_days = var.deletion_protection ? 30 : 7
}

module "memory" {
  source = "../memory"

  name                = local.name
  kms_key_arn         = module.keys.data_key_arn
  deletion_protection = var.deletion_protection
  user_role_arns      = concat([for key, function in local.functions : "arn:${local.partition}:iam::${local.account}:role/${local.name}-${key}" if function.configured && key != "authorizer"], var.break_glass_role_arns)
}

module "audit" {
  source = "../audit"

  name               = local.name
  kms_key_arn        = module.keys.data_key_arn
  lock_mode          = var.audit.lock_mode
  lock_days          = var.audit.lock_days
  audit_days         = var.audit.keep_days
  audit_archive_days = var.audit.archive_days
  contents_days      = var.audit.contents_days
  log_retention_days = var.log_retention_days
  force_destroy      = !var.deletion_protection

  deletion_protection = var.deletion_protection
  archive_role_arn    = "arn:${local.partition}:iam::${local.account}:role/${local.name}-archive"
  writer_role_arns    = [for function in local.writes_audit : "arn:${local.partition}:iam::${local.account}:role/${local.name}-${function}"]
  local               = local.local
}

module "archive" {
  source = "../archive"

  name       = local.name
  stream_arn = module.audit.stream_arn
  function   = { function_name = module.function["archive"].function_name, alias_name = module.function["archive"].alias_name, alias_arn = module.function["archive"].alias_arn }
}

module "secrets" {
  source = "../secrets"

  name                 = local.name
  environment          = var.environment
  kms_key_arn          = module.keys.data_key_arn
  secrets              = setunion(var.secrets, [local.digest_secret])
  reader_role_arns     = local.secret_readers
  writer_role_arns     = var.secret_writer_role_arns
  recovery_window_days = var.deletion_protection ? 30 : 0
  local                = local.local
}

module "identity" {
  source = "../identity"
  count  = var.identity == null ? 0 : 1

  name                    = local.name
  mfa                     = var.identity.mfa
  password_minimum_length = var.identity.password_minimum_length
  password_sign_in        = var.identity.password_sign_in
  self_sign_up            = var.identity.self_sign_up
  threat_protection       = var.identity.threat_protection
  token_validity          = var.identity.token_validity
  domain_prefix           = var.identity.domain_prefix
  callback_urls           = var.identity.callback_urls
  logout_urls             = var.identity.logout_urls
  machine_clients         = var.identity.machine_clients
  tenants                 = var.identity.tenants
  users                   = var.identity.users
  saml_providers          = var.identity.saml_providers
  oidc_providers          = var.identity.oidc_providers
  oidc_client_secrets     = var.oidc_client_secrets
  deletion_protection     = var.deletion_protection

  log_sign_ins       = true
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}

# A user pool of ours is protected as the front door is, unless identity.firewall says otherwise. That of another owner is theirs.
module "sign_in_firewall" {
  source = "../sign_in_firewall"
  count  = local.protects_sign_in ? 1 : 0

  name               = local.name
  user_pool_arn      = "arn:${local.partition}:cognito-idp:${local.here}:userpool/${local.pool.user_pool_id}"
  rate_limit_per_ip  = var.rate_limit_per_ip
  logs_kms_key_arn   = module.keys.logs_key_arn
  log_retention_days = var.log_retention_days
  keep_log_groups    = var.deletion_protection
}

module "observability" {
  source = "../observability"

  name                      = local.name
  kms_key_arn               = module.keys.logs_key_arn
  alarm_emails              = var.alarm_emails
  thresholds                = var.alarm_thresholds
  account_concurrency_limit = var.account_concurrency_limit
  front_door                = var.front_door
  front_door_id             = var.front_door == "alb" ? module.edge[0].arn_suffix : module.api[0].api_id
  stream_api                = var.streams ? { name = module.stream[0].api_name, stage = local.stream_stage } : null
  websocket_api             = var.websocket ? { id = local.websocket_api_id, stage = local.websocket_stage, function_name = module.function["websocket"].function_name } : null
  # The load balancer's health check, or the one beside an HTTP API (health_check.tf). The local cloud has neither.
  checked_function   = local.local ? null : "health"
  agents             = toset(coalescelist([for agent in local.agents : try(coalesce(agent.name), "default")], ["default"]))
  archive            = { function = "archive", rule_name = module.archive.rule_name }
  table              = { name = module.memory.table_name, indexes = keys(module.memory.index_arns) }
  firewall_names     = merge({ for place in ["front-door"] : place => local.name if var.front_door == "alb" && var.waf }, { for firewall in module.sign_in_firewall : "sign-in" => firewall.metric_name })
  certificate_arns   = merge({ for needed in ["front-door"] : needed => local.certificate_arn if local.makes_certificate || var.certificate_arn != null }, local.api_certificates)
  refusal_log_groups = merge([for api, made in { http-api = module.api, stream = module.stream, websocket = module.websocket } : { for one in made : api => one.access_log_group_name }]...)
  ollama_host        = var.ollama == null ? null : module.ollama[0].metrics
  functions = {
    for key, function in module.function : key => {
      function_name  = function.function_name
      log_group_name = function.log_group_name
      asynchronous   = key == "archive" || contains(keys(local.asynchronous), key)
      reports_to     = contains(keys(local.asynchronous), key)

      reserved_concurrency = local.sizes[key].reserved_concurrency
    }
  }
}
