# What actions of agents may reach in any environment. A deployment grants what its configuration names; both must permit it.

variable "action_targets" {
  description = "ARNs of what actions may reach: functions (with the alias or version that is invoked, if any), tables, database clusters, and secrets of databases. Each may end with *. With none, actions reach the internet and what the network opens, and nothing of AWS."
  type = object({
    functions        = optional(set(string), [])
    tables           = optional(set(string), [])
    clusters         = optional(set(string), [])
    database_secrets = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue(flatten([
      for kind, pattern in local.action_arns : [for arn in var.action_targets[kind] : can(regex("^arn:[a-z-]+:${pattern}[^*?]*[*]?$", arn)) && strcontains(arn, ":${var.region}:")]
    ]))
    error_message = "action_targets must contain ARNs of ${var.region} with an account and the beginning of a name, such as arn:aws:dynamodb:${var.region}:123456789012:table/orders-*; got ${jsonencode(var.action_targets)}"
  }
}

locals {
  # How each kind of ARN begins after the partition. A name has at least one character before a *, so that none means everything.
  action_arns = {
    functions        = "lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9]"
    tables           = "dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9]"
    clusters         = "rds:[a-z0-9-]+:[0-9]{12}:cluster:[A-Za-z0-9]"
    database_secrets = "secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9]"
  }

  # By the statement's name, for the kinds that have a target.
  action_statements = {
    for sid, statement in {
      ActionFunctions = { actions = ["lambda:InvokeFunction"], resources = sort(var.action_targets.functions) }
      ActionTables    = { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = flatten([for arn in sort(var.action_targets.tables) : endswith(arn, "*") ? [arn] : [arn, "${arn}/index/*"]]) } # any index of the table
      ActionDatabases = { actions = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"], resources = sort(var.action_targets.clusters) }
      ActionSecrets   = { actions = ["secretsmanager:GetSecretValue"], resources = sort(var.action_targets.database_secrets) }
    } : sid => statement if length(statement.resources) > 0
  }
}
