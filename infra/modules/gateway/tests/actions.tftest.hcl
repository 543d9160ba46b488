# What actions of agents may reach.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "what_the_bundle_names_and_only_for_runs" {
  command = plan
  variables {
    config_bundle    = "tests/bundles/actions.json"
    functions_in_vpc = true
  }

  assert {
    condition = jsonencode([for s in local.policies.agent : { sid = s.sid, actions = s.actions, resources = s.resources } if contains(["InvokeActions", "ReadTablesOfActions", "QueryIndexesOfActions", "QueryDatabases", "ReadDatabaseSecrets"], s.sid)]) == jsonencode([
      {
        sid     = "InvokeActions"
        actions = ["lambda:InvokeFunction"]
        resources = [
          "arn:aws:lambda:eu-central-1:111122223333:function:partial",
          "arn:aws:lambda:eu-central-1:999988887777:function:other:live",
          "arn:aws:lambda:eu-central-1:111122223333:function:notify",
          "arn:aws:lambda:eu-central-1:111122223333:function:refund:live",
        ]
      },
      {
        sid       = "ReadTablesOfActions"
        actions   = ["dynamodb:GetItem", "dynamodb:Query"]
        resources = ["arn:aws:dynamodb:eu-central-1:999988887777:table/orders", "arn:aws:dynamodb:eu-central-1:111122223333:table/tickets"]
      },
      {
        sid       = "QueryIndexesOfActions"
        actions   = ["dynamodb:Query"]
        resources = ["arn:aws:dynamodb:eu-central-1:999988887777:table/orders/index/*", "arn:aws:dynamodb:eu-central-1:111122223333:table/tickets/index/*"]
      },
      {
        sid       = "QueryDatabases"
        actions   = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"]
        resources = ["arn:aws:rds:eu-central-1:111122223333:cluster:orders"]
      },
      {
        sid       = "ReadDatabaseSecrets"
        actions   = ["secretsmanager:GetSecretValue"]
        resources = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders-AbCdEf"]
      },
    ])
    error_message = "each list of the bundle must become exactly one permission; got ${jsonencode(local.policies.agent)}"
  }
  assert {
    condition = alltrue([for key, statements in local.policies :
      jsonencode([for s in statements : s.sid if contains(local.calls_actions[*].sid, s.sid)]) == jsonencode([for sid in local.calls_actions[*].sid : sid if contains(["agent", "stream"], key)])
    ])
    error_message = "the functions that run agents must have them, and no others; got ${jsonencode(local.policies)}"
  }
  assert {
    condition     = length(setsubtract(["lambda", "rds-data"], local.interface_endpoints)) == 0 && !contains(local.interface_endpoints, "execute-api")
    error_message = "their services must have endpoints; got ${jsonencode(local.interface_endpoints)}"
  }
  assert {
    condition = (
      length(setsubtract(local.action_function_arns, local.endpoint_resource_arns.lambda)) == 0 &&
      jsonencode(local.endpoint_resource_arns.rds-data) == jsonencode(["arn:aws:rds:eu-central-1:111122223333:cluster:orders"]) &&
      length(setsubtract(flatten([for s in local.calls_actions : s.resources if endswith(s.sid, "OfActions")]), local.endpoint_resource_arns.dynamodb)) == 0
    )
    error_message = "the endpoints must let them pass; got ${jsonencode(local.endpoint_resource_arns)}"
  }
  assert {
    condition = jsonencode(local.private_egress) == jsonencode({
      "10.1.2.0/24:9443"  = { cidr = "10.1.2.0/24", port = 9443 }
      "fd00:10::/64:5432" = { cidr = "fd00:10::/64", port = 5432 }
    })
    error_message = "each private network must be open at its port until its last day; got ${jsonencode(local.private_egress)}"
  }
  assert {
    condition     = length(module.access[0].actions_security_group_ids) == 1 && local.runs_actions == ["agent", "stream"]
    error_message = "the functions that run agents must get a security group for private networks"
  }
  assert {
    condition     = jsonencode(local.host_ports) == "[444,8443]"
    error_message = "ports of hosts besides 443 must be open; got ${jsonencode(local.host_ports)}"
  }
}

run "secrets_of_actions_are_for_runs_alone" {
  command = plan
  variables {
    config_bundle = "tests/bundles/action_secrets.json"
    secrets       = ["billing/api-key", "openai/api-key"]
  }

  override_resource {
    target          = module.secrets.aws_secretsmanager_secret.this["billing/api-key"]
    override_during = plan
    values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:billing" }
  }
  override_resource {
    target          = module.secrets.aws_secretsmanager_secret.this["openai/api-key"]
    override_during = plan
    values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai" }
  }

  assert {
    condition = jsonencode({ for key, statements in local.policies : key => [for s in statements : s.resources if s.sid == "ReadSecrets"] if contains(["agent", "agents", "stream"], key) }) == jsonencode({
      agent  = [["arn:aws:secretsmanager:eu-central-1:111122223333:secret:billing", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai"]]
      agents = [["arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai"]]
      stream = [["arn:aws:secretsmanager:eu-central-1:111122223333:secret:billing", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai"]]
    })
    error_message = "agents must read the providers' secrets alone; got ${jsonencode(local.policies)}"
  }
  assert {
    condition = jsonencode({ for key, statements in local.policies : key => [for s in statements : [for arn in s.resources : basename(arn)] if s.sid == "ReadNamedParameters"] if contains(["agent", "agents", "stream"], key) }) == jsonencode({
      agent  = [["billing", "openai"]]
      agents = [["openai"]]
      stream = [["billing", "openai"]]
    })
    error_message = "agents must read the providers' parameters alone; got ${jsonencode(local.policies)}"
  }
  assert {
    condition = jsonencode([local.secret_readers["billing/api-key"], local.secret_readers["openai/api-key"]]) == jsonencode([
      [for role in ["agent", "stream"] : "arn:aws:iam::111122223333:role/openclaw-test-${role}"],
      [for role in ["agent", "agents", "stream"] : "arn:aws:iam::111122223333:role/openclaw-test-${role}"],
    ])
    error_message = "the secrets' own policies must say the same; got ${jsonencode(local.secret_readers)}"
  }
}

run "an_override_makes_secrets_and_parameters_a_providers" {
  command = plan
  variables {
    config_bundle = "tests/bundles/action_secrets.json"
    secrets       = ["billing/api-key", "openai/api-key"]
    environment_overrides = {
      OPENCLAW__PROVIDERS__OPENAI__API_KEY                 = "{{ secrets['billing/api-key'] }}"
      OPENCLAW__PROVIDERS__OPENAI__HEADERS__OPENAI_PROJECT = "{{ ssm['/openclaw-test/billing'] }}"
    }
  }

  assert {
    condition     = length(local.action_secrets) == 0 && length(local.secret_readers["billing/api-key"]) == 3
    error_message = "a secret of an override must be readable for every function that calls providers; got ${jsonencode(local.secret_readers)}"
  }
  assert {
    condition     = length(local.action_parameters) == 0
    error_message = "so must a parameter; got ${jsonencode(local.action_parameters)}"
  }
}

run "nothing_where_the_bundle_names_nothing" {
  command = plan
  variables { functions_in_vpc = true }

  assert {
    condition     = length(local.calls_actions) == 0 && !strcontains(jsonencode(local.policies), "rds-data") && !strcontains(jsonencode(local.policies), "OfActions")
    error_message = "without actions there must be no permission; got ${jsonencode(local.policies)}"
  }
  assert {
    condition     = !contains(local.interface_endpoints, "rds-data") && length(module.access[0].actions_security_group_ids) == 0 && length(local.host_ports) == 0
    error_message = "without actions there must be no endpoint, group or port for them"
  }
}

run "without_the_function_that_streams" {
  command = plan
  variables {
    config_bundle    = "tests/bundles/actions.json"
    functions_in_vpc = true
    streams          = false
    websocket        = false
  }

  assert {
    condition     = local.runs_actions == ["agent"] && contains(local.interface_endpoints, "lambda")
    error_message = "agent must invoke functions through an endpoint without WebSockets too"
  }
}

run "own_and_malformed_names" {
  command = plan
  variables {
    config_bundle    = "tests/bundles/refused_actions.json"
    functions_in_vpc = true
  }

  expect_failures = [aws_ssm_parameter.configuration]

  assert {
    condition = jsonencode({ for reason, values in local.refused_actions : split(",", split(";", reason)[0])[0] => values if length(values) > 0 }) == jsonencode({
      "tables of the gateway's own" = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit", "openclaw-test"]
      "functions of the gateway's own" = [
        "111122223333:function:openclaw-test-archive", "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live", "openclaw-test-agents",
      ]
      "secrets of the gateway's own as secrets of databases"                = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:openclaw-test/openai/api-key-AbCdEf"]
      "tables that are neither names nor ARNs of eu-central-1"              = ["*", "arn:aws:dynamodb:us-east-1:111122223333:table/elsewhere"]
      "functions that are neither names nor ARNs of eu-central-1"           = ["arn:aws:lambda:us-east-1:111122223333:function:elsewhere", "good*"]
      "clusters and secrets of databases that are not ARNs of eu-central-1" = ["arn:aws:rds:us-east-1:111122223333:cluster:elsewhere", "orders", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:*"]
      "private networks that are not blocks such as 10.1.2.0/24:5432"       = ["0.0.0.0/0:443", "10.1.2.0/24:0", "10.1.2.3/8:443", "172.32.0.0/16:443"]
    })
    error_message = "each bad value must be named with its reason; got ${jsonencode(local.refused_actions)}"
  }
}

run "private_networks_without_a_vpc" {
  command = plan
  variables { config_bundle = "tests/bundles/actions.json" }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "actions_on_the_internet_must_be_reachable" {
  command = plan
  variables {
    config_bundle            = "tests/bundles/actions.json"
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }

  expect_failures = [var.functions_reach_internet]
}

run "models_of_states_and_actions_with_another_default" {
  command = plan
  variables {
    config_bundle         = "tests/bundles/actions.json"
    functions_in_vpc      = true
    environment_overrides = { LLM_PROVIDER = "openai", LLM_MODEL = "gpt-4o-mini" }
  }

  assert {
    condition     = local.bedrock_models == toset(["amazon.nova-lite-v1:0", "amazon.nova-micro-v1:0", "amazon.nova-premier-v1:0", "amazon.nova-pro-v1:0"])
    error_message = "what states, plans and actions name must stay permitted; got ${jsonencode(local.bedrock_models)}"
  }
}
