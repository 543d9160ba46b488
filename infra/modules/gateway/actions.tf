# What actions of agents need: the bundle names their functions, tables, databases and private networks, and only the functions that
# run agents may reach them. The bootstrap's boundary must permit them as well (infra/bootstrap/variables_actions.tf).

locals {
  # What the bundle names, of each kind.
  targets = { for kind in ["functions", "tables", "clusters", "database_secrets", "private"] : kind => sort(try(local.rights[kind], [])) }

  # Without what is malformed, which the plan refuses below with its reason.
  action_functions = [for function in local.targets.functions : function if !contains(local.malformed_functions, function)]
  action_tables    = [for table in local.targets.tables : table if !contains(local.malformed_tables, table)]
  action_clusters  = [for arn in local.targets.clusters : arn if !contains(local.malformed_databases, arn)]
  database_secrets = [for arn in local.targets.database_secrets : arn if !contains(local.malformed_databases, arn)]
  private_networks = [for target in local.targets.private : target if !contains(local.malformed_private, target) && !contains(local.closed_cidrs, replace(target, "/:[0-9]+$/", ""))]

  # Networks whose last day is over for every action: their rule goes at the next apply. The gateway itself refuses the calls at once.
  openings     = [for action in try(local.document.actions, []) : { cidr = action.private.cidr, is_over = try(timecmp("${action.private.expires}T23:59:59Z", plantimestamp()) < 0, true) } if can(action.private.cidr)]
  closed_cidrs = setsubtract([for opening in local.openings : opening.cidr if opening.is_over], [for opening in local.openings : opening.cidr if !opening.is_over])

  # A function is named by its name, account and name, or ARN, each with an alias or version if it has one. A permission names the
  # same alias or version as the call.
  action_function_arns = [
    for function in local.action_functions : startswith(function, "arn:") ? function :
    can(regex("^[0-9]{12}:function:", function)) ? "arn:${local.partition}:lambda:${local.region}:${function}" : "arn:${local.partition}:lambda:${local.here}:function:${function}"
  ]
  action_table_arns = [for table in local.action_tables : startswith(table, "arn:") ? table : "arn:${local.partition}:dynamodb:${local.here}:table/${table}"]

  # The functions that run agents, as far as they exist.
  runs_actions = [for function in ["agent", "stream"] : function if contains(keys(local.functions), function)]

  # The ports of providers and actions besides 443, which functions in the VPC reach anyway.
  host_ports = distinct([for host in sort(try(local.rights.hosts, [])) : tonumber(regex("[0-9]+$", host)) if !endswith(host, ":443") && can(regex(":[0-9]+$", host))])

  # By its text: the network, and the port.
  private_egress = { for target in local.private_networks : target => { cidr = replace(target, "/:[0-9]+$/", ""), port = tonumber(regex("[0-9]+$", target)) } }

  # An action without a private network of its own calls the internet.
  actions_reach_internet = anytrue([for action in try(local.document.actions, []) : try(action.type, "") == "http" && !can(action.private.cidr)])
}

# ---- What each of them permits, left out where the bundle names nothing

locals {
  calls_actions = concat(
    [for arns in [local.action_function_arns] : {
      sid       = "InvokeActions"
      actions   = ["lambda:InvokeFunction"]
      resources = arns
    } if length(arns) > 0],

    [for arns in [local.action_table_arns] : {
      sid       = "ReadTablesOfActions"
      actions   = ["dynamodb:GetItem", "dynamodb:Query"]
      resources = arns
    } if length(arns) > 0],

    # An index has no items of its own that could be read one by one.
    [for arns in [local.action_table_arns] : {
      sid             = "QueryIndexesOfActions"
      actions         = ["dynamodb:Query"]
      resources       = [for arn in arns : "${arn}/index/*"]
      wildcard_reason = "the bundle names tables, and an action may query any index of its table"
    } if length(arns) > 0],

    # A statement runs in a transaction that only reads, which is rolled back.
    [for arns in [local.action_clusters] : {
      sid       = "QueryDatabases"
      actions   = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"]
      resources = arns
    } if length(arns) > 0],

    # The Data API reads the user's password with the role that calls it.
    [for arns in [local.database_secrets] : {
      sid       = "ReadDatabaseSecrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = arns
    } if length(arns) > 0],
  )
}

# ---- What is refused

locals {
  # By name alone, as the gateway itself refuses them. No entry of a bundle that passed its check has another form; a bundle that was
  # changed by hand must not open more.
  own_tables    = [local.name, "${local.name}-audit"]
  own_functions = [for key in keys(local.every_function) : "${local.name}-${key}"]

  malformed_tables = [
    for table in local.targets.tables : table if !can(regex("^(arn:${local.partition}:dynamodb:${local.region}:[0-9]{12}:table/)?[A-Za-z0-9_.-]{3,255}$", table))
  ]
  malformed_functions = [
    for function in local.targets.functions : function
    if !can(regex("^(arn:${local.partition}:lambda:${local.region}:)?([0-9]{12}:function:)?[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]+|[$]LATEST))?$", function))
  ]
  malformed_databases = concat(
    [for arn in local.targets.clusters : arn if !can(regex("^arn:${local.partition}:rds:${local.region}:[0-9]{12}:cluster:[A-Za-z0-9-]+$", arn))],
    [for arn in local.targets.database_secrets : arn if !can(regex("^arn:${local.partition}:secretsmanager:${local.region}:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$", arn))],
  )
  # Like the gateway, in canonical form and within the private blocks.
  malformed_private = [
    for target in local.targets.private : target if !try(
      cidrsubnet(replace(target, "/:[0-9]+$/", ""), 0, 0) == replace(target, "/:[0-9]+$/", "")
      && can(regex("^(10[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|192[.]168[.]|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.]|f[cd][0-9a-f]{2}:)", target))
      && tonumber(regex("/([0-9]+):[0-9]+$", target)[0]) >= (strcontains(target, "::") ? 7 : 8)
      && tonumber(regex("[0-9]+$", target)) >= 1 && tonumber(regex("[0-9]+$", target)) <= 65535, false,
    )
  ]

  refused_actions = {
    "tables of the gateway's own, which no action may read" = [
      for table in local.action_tables : table if contains(local.own_tables, reverse(split("/", table))[0])
    ]
    "functions of the gateway's own, which no action may invoke" = [
      for function in local.action_functions : function if contains(local.own_functions, split(":", replace(function, "/^.*:function:/", ""))[0])
    ]
    "secrets of the gateway's own as secrets of databases" = [for arn in local.database_secrets : arn if strcontains(arn, ":secret:${local.name}/")]

    "tables that are neither names nor ARNs of ${local.region}"              = local.malformed_tables
    "functions that are neither names nor ARNs of ${local.region}"           = local.malformed_functions
    "clusters and secrets of databases that are not ARNs of ${local.region}" = local.malformed_databases
    "private networks that are not blocks such as 10.1.2.0/24:5432"          = local.malformed_private

    "private networks, which functions outside a VPC cannot reach; set functions_in_vpc = true, and existing_vpc to the VPC that leads there" = local.reaches_models_in_vpc ? [] : local.private_networks
  }
}
