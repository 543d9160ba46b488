# What each function may do: exactly the calls of its code. The function module adds the permission to write its own log.

locals {
  every_policy = {
    agent  = concat(local.runs_agents, local.calls_actions, local.invokes_models, local.applies_guardrails)
    stream = concat(local.runs_agents, local.calls_actions, local.streams_models, local.applies_guardrails, local.posts_to_connections, local.reports_failures)

    agents = concat(
      local.reads_configuration,
      # The item that the deep health check reads, which never exists, and no conversation.
      [{
        sid        = "ProbeTable"
        actions    = ["dynamodb:GetItem"]
        resources  = [module.memory.table_arn]
        conditions = [{ test = "ForAllValues:StringEquals", variable = "dynamodb:LeadingKeys", values = ["CHECK"] }]
      }],
      # Grants of its callers' tenants, and no conversation.
      [{
        sid        = "KeepGrants"
        actions    = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"]
        resources  = [module.memory.table_arn]
        conditions = [{ test = "ForAllValues:StringLike", variable = "dynamodb:LeadingKeys", values = local.grant_keys }]
      }],
      local.lists_models,
      local.reads_provider_secrets,
      local.reads_provider_parameters,
      local.decrypts,
    )

    conversations = concat(
      local.reads_configuration,
      [
        {
          sid       = "FindConversations"
          actions   = ["dynamodb:Query"]
          resources = [module.memory.table_arn, module.memory.index_arns["GSI1"]]
        },
        {
          sid       = "ReadConversations"
          actions   = ["dynamodb:GetItem"]
          resources = [module.memory.table_arn]
        },
        {
          sid        = "EraseConversations"
          actions    = ["dynamodb:BatchWriteItem", "dynamodb:UpdateItem"]
          resources  = [module.memory.table_arn]
          conditions = local.except_grants
        },
      ],
      local.decrypts,
    )

    health = []

    archive = local.archives_audit_entries

    authorizer = concat(local.reads_configuration, local.decrypts)

    websocket = concat(
      local.reads_configuration,
      # Its items about connections and how many each caller has, and no conversation.
      [{
        sid        = "KeepConnections"
        actions    = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources  = [module.memory.table_arn]
        conditions = [{ test = "ForAllValues:StringLike", variable = "dynamodb:LeadingKeys", values = ["L#*", "W#*"] }]
      }],
      [{
        sid       = "StartRuns"
        actions   = ["lambda:InvokeFunction"]
        resources = [local.alias_arns["stream"]]
      }],
      local.posts_to_connections,
      local.decrypts,
    )
  }

  policies = {
    for key, statements in local.every_policy : key => concat(
      statements,
      contains(local.writes_audit, key) ? local.writes_audit_entries : [],
      contains(local.names_callers, key) ? local.reads_digest_key : [],
    )
    if contains(keys(local.functions), key)
  }
}

# ---- Statements that several functions have

locals {
  reads_configuration = [{
    sid             = "ReadConfiguration"
    actions         = ["ssm:GetParameters"]
    resources       = [local.configuration_arn, "${local.configuration_arn}/*"]
    wildcard_reason = "the parts of the configuration are stored under its digest, which changes with it"
  }]

  # The partitions of grants. A function that keeps conversations must not give anybody a grant. The pattern fits no other
  # partition, because other last parts are ids, and no id of a user or a conversation is G.
  grant_keys    = ["T#*#G"]
  except_grants = [{ test = "ForAllValues:StringNotLike", variable = "dynamodb:LeadingKeys", values = local.grant_keys }]

  runs_agents = concat(
    local.reads_configuration,
    [
      {
        sid       = "ReadConversations"
        actions   = ["dynamodb:GetItem", "dynamodb:Query"]
        resources = [module.memory.table_arn]
      },
      {
        sid        = "KeepConversations"
        actions    = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources  = [module.memory.table_arn]
        conditions = local.except_grants
      },
    ],
    local.reads_secrets,
    local.reads_named_parameters,
    local.decrypts,
  )

  # The following statements are left out where they would have no resource.
  invokes_models = [for arns in [local.signs_models ? local.model_arns : []] : {
    sid       = "InvokeModels"
    actions   = ["bedrock:InvokeModel", "bedrock:CountTokens"]
    resources = arns
  } if length(arns) > 0]

  # What ConverseStream needs.
  streams_models = [for statement in local.invokes_models : merge(statement, {
    sid     = "StreamModels"
    actions = ["bedrock:InvokeModelWithResponseStream", "bedrock:CountTokens"]
  })]

  applies_guardrails = [for arns in [local.signs_models ? local.guardrail_arns : []] : {
    sid       = "ApplyGuardrails"
    actions   = ["bedrock:ApplyGuardrail"]
    resources = arns
  } if length(arns) > 0]

  lists_models = [for needed in [local.signs_models && contains(local.used_providers, "bedrock")] : {
    sid             = "ListModels"
    actions         = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
    resources       = ["*"]
    wildcard_reason = "listing has no resource"
  } if needed]

  reads_secrets = [for secrets in [local.read_secrets] : {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for secret in secrets : module.secrets.arns[secret]]
  } if length(secrets) > 0]

  reads_provider_secrets = [for secrets in [[for secret in local.read_secrets : secret if !contains(local.action_secrets, secret)]] : {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for secret in secrets : module.secrets.arns[secret]]
  } if length(secrets) > 0]

  reads_named_parameters = [for names in [local.named_parameters] : {
    sid       = "ReadNamedParameters"
    actions   = ["ssm:GetParameters"]
    resources = [for name in sort(names) : "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"]
  } if length(names) > 0]

  reads_provider_parameters = [for names in [setsubtract(local.named_parameters, local.action_parameters)] : {
    sid       = "ReadNamedParameters"
    actions   = ["ssm:GetParameters"]
    resources = [for name in sort(names) : "arn:${local.partition}:ssm:${local.here}:parameter/${trimprefix(name, "/")}"]
  } if length(names) > 0]

  posts_to_connections = [for serves in [var.websocket] : {
    sid             = "PostToConnections"
    actions         = ["execute-api:ManageConnections"]
    resources       = ["arn:${local.partition}:execute-api:${local.here}:${local.websocket_api_id}/${local.websocket_stage}/POST/@connections/*"]
    wildcard_reason = "API Gateway chooses a connection's id when a client connects"
  } if serves]

  # Lambda itself uses it with the role when an asynchronous run failed or never began.
  reports_failures = [for serves in [var.websocket] : {
    sid       = "ReportFailures"
    actions   = ["lambda:InvokeFunction"]
    resources = [local.alias_arns["websocket"]]
  } if serves]

  # Only what one of these services has encrypted, and only when that service decrypts for the function.
  decrypts = [{
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [module.keys.data_key_arn]
    conditions = [{
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["dynamodb", "secretsmanager", "ssm"] : "${service}.${local.region}.${data.aws_partition.current.dns_suffix}"]
    }]
  }]
}
