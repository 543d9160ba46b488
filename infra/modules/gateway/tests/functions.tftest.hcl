# What each function receives and may do.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

override_resource {
  target          = module.secrets.aws_secretsmanager_secret.this["openai/api-key"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai" }
}

override_resource {
  target          = module.secrets.aws_secretsmanager_secret.this["ollama/token"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ollama" }
}

override_resource {
  target          = module.secrets.aws_secretsmanager_secret.this["digest-key"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:digest-key" }
}

# Not the conversations' table.
override_resource {
  target          = module.audit.aws_dynamodb_table.outbox
  override_during = plan
  values          = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit" }
}

override_resource {
  target          = module.identity[0].aws_cognito_user_pool_client.people
  override_during = plan
  values          = { id = "people" }
}

variables {
  config_bundle = "../../tests/configurations/providers/bundle.json"
}

run "functions_and_their_permissions" {
  command = plan

  assert {
    condition = jsonencode(output.function_names) == jsonencode({
      agent = "openclaw-test-agent", agents = "openclaw-test-agents", archive = "openclaw-test-archive", authorizer = "openclaw-test-authorizer", conversations = "openclaw-test-conversations", health = "openclaw-test-health", stream = "openclaw-test-stream", websocket = "openclaw-test-websocket"
    })
    error_message = "each directory of functions/ must have a function, under the deployment's name"
  }
  assert {
    condition     = toset(keys(local.routes)) == setsubtract(keys(local.functions), ["archive", "authorizer", "websocket"]) && keys(local.policies) == keys(local.functions)
    error_message = "each function must have its block, its policy and its route, except archive, authorizer and websocket, which have no path"
  }

  assert {
    condition = [for key in ["agent", "agents", "conversations", "stream"] : jsonencode({ for name, value in local.environments[key] : name => value if name != "OPENCLAW_CONNECTIONS_URL" })] == [
      for key in ["agent", "agents", "conversations", "stream"] : jsonencode({
        OPENCLAW_AUDIT_TABLE                   = "openclaw-test-audit"
        OPENCLAW_CONFIG                        = "ssm:/openclaw-test/config"
        OPENCLAW_DEADLINE_MS                   = key == "stream" ? "898000" : "28000"
        OPENCLAW_DIGEST_SECRET                 = "openclaw-test/digest-key"
        OPENCLAW_LOG_LEVEL                     = "info"
        OPENCLAW_SECRETS_PREFIX                = "openclaw-test/"
        OPENCLAW_TABLE                         = "openclaw-test"
        OPENCLAW__AUTHENTICATION__CLIENT_ID    = "people"
        OPENCLAW__AUTHENTICATION__USER_POOL_ID = "eu-central-1_TEST"
      })
    ]
    error_message = "the gateway must receive the addresses of its resources, and nothing else"
  }
  assert {
    condition     = jsonencode(local.environments["health"]) == jsonencode({ OPENCLAW_LOG_LEVEL = "info" })
    error_message = "health must receive the log level only, if no origin is allowed"
  }
  assert {
    condition = jsonencode({ for s in local.policies.agent : s.sid => { actions = s.actions, resources = s.resources } if !contains(["ReadDigestKey", "WriteAuditEntries"], s.sid) }) == jsonencode({
      ReadConfiguration = {
        actions   = ["ssm:GetParameters"]
        resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/config", "arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/config/*"]
      }
      ReadConversations = {
        actions   = ["dynamodb:GetItem", "dynamodb:Query"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      KeepConversations = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      InvokeModels = {
        actions = ["bedrock:InvokeModel", "bedrock:CountTokens"]
        resources = [
          "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
          "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-sonnet-20240229-v1:0",
          "arn:aws:bedrock:eu-central-1::foundation-model/cohere.command-r-v1:0",
          "arn:aws:bedrock:eu-central-1::foundation-model/meta.llama3-8b-instruct-v1:0",
          "arn:aws:bedrock:eu-central-1::foundation-model/mistral.mistral-large-2402-v1:0",
        ]
      }
      ReadSecrets = {
        actions   = ["secretsmanager:GetSecretValue"]
        resources = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:ollama", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai"]
      }
      ReadNamedParameters = {
        actions   = ["ssm:GetParameters"]
        resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/team"]
      }
      Decrypt = {
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:eu-central-1:111122223333:key/data"]
      }
    })
    error_message = "agent must have exactly these permissions; got ${jsonencode(local.policies.agent)}"
  }
  assert {
    condition = jsonencode([for s in local.policies.agent : s.conditions if s.sid == "Decrypt"][0]) == jsonencode([{
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["dynamodb.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com", "ssm.eu-central-1.amazonaws.com"]
    }])
    error_message = "nothing may be decrypted except through the services that store it"
  }
  assert {
    condition     = jsonencode(local.policies.authorizer) == jsonencode([for s in local.policies.agent : s if contains(["Decrypt", "ReadConfiguration"], s.sid)])
    error_message = "authorizer may read the configuration and nothing else; got ${jsonencode(local.policies.authorizer)}"
  }
  assert {
    condition     = jsonencode([for s in local.policies.stream : s if !contains(["StreamModels", "PostToConnections", "ReportFailures"], s.sid)]) == jsonencode([for s in local.policies.agent : s if s.sid != "InvokeModels"])
    error_message = "stream must have the permissions of agent, except for models, and those for WebSockets; got ${jsonencode(local.policies.stream)}"
  }
  assert {
    condition = (
      jsonencode([for s in local.policies.stream : s.actions if startswith(s.actions[0], "bedrock:")]) == jsonencode([["bedrock:InvokeModelWithResponseStream", "bedrock:CountTokens"]]) &&
      jsonencode([for s in local.policies.stream : s.resources if s.sid == "StreamModels"]) == jsonencode([for s in local.policies.agent : s.resources if s.sid == "InvokeModels"])
    )
    error_message = "stream may invoke the same models, only streaming; got ${jsonencode(local.policies.stream)}"
  }
  assert {
    condition = jsonencode({ for s in local.policies.agents : s.sid => { actions = s.actions, resources = s.resources } if !contains(["ReadConfiguration", "ReadSecrets", "ReadNamedParameters", "ReadDigestKey", "WriteAuditEntries", "Decrypt"], s.sid) }) == jsonencode({
      ProbeTable = { actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"] }
      KeepGrants = { actions = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"] }
      ListModels = { actions = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"], resources = ["*"] }
    })
    error_message = "besides reading configuration and secrets, agents may probe the table, keep grants and list models; got ${jsonencode(local.policies.agents)}"
  }
  assert {
    condition = jsonencode([for s in local.policies.agents : s.conditions if s.sid == "ProbeTable"][0]) == jsonencode([{
      test     = "ForAllValues:StringEquals"
      variable = "dynamodb:LeadingKeys"
      values   = ["CHECK"]
    }])
    error_message = "agents must not read conversations"
  }
  assert {
    # Every statement that may write the table is for grants alone, for all but grants, or for connections.
    condition = jsonencode({ for key, statements in local.policies : key => distinct(flatten([
      for s in statements : [for c in try(s.conditions, [{ test = "none", values = [], variable = "" }]) : "${c.test} ${c.variable} ${join(" ", c.values)}"]
      if contains(s.resources, module.memory.table_arn) && length(setintersection(s.actions, ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"])) > 0
      ])) }) == jsonencode({
      agent         = ["ForAllValues:StringNotLike dynamodb:LeadingKeys T#*#G"]
      agents        = ["ForAllValues:StringLike dynamodb:LeadingKeys T#*#G"]
      archive       = []
      authorizer    = []
      conversations = ["ForAllValues:StringNotLike dynamodb:LeadingKeys T#*#G"]
      health        = []
      stream        = ["ForAllValues:StringNotLike dynamodb:LeadingKeys T#*#G"]
      websocket     = ["ForAllValues:StringLike dynamodb:LeadingKeys L#* W#*"]
    })
    error_message = "only agents may write grants; got ${jsonencode(local.policies)}"
  }
  assert {
    condition = jsonencode({ for s in local.policies.conversations : s.sid => { actions = s.actions, resources = s.resources } if !contains(["ReadConfiguration", "ReadDigestKey", "WriteAuditEntries"], s.sid) }) == jsonencode({
      FindConversations = {
        actions   = ["dynamodb:Query"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test", "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test/index/GSI1"]
      }
      ReadConversations = {
        actions   = ["dynamodb:GetItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      EraseConversations = {
        actions   = ["dynamodb:BatchWriteItem", "dynamodb:UpdateItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      Decrypt = { actions = ["kms:Decrypt"], resources = ["arn:aws:kms:eu-central-1:111122223333:key/data"] }
    })
    error_message = "conversations must read no provider's key and call no model; got ${jsonencode(local.policies.conversations)}"
  }
  assert {
    condition     = length(local.policies.health) == 0
    error_message = "health must have no permissions"
  }
  assert {
    condition = jsonencode(local.secret_readers) == jsonencode({
      "anthropic/api-key" = []
      "bedrock/api-key"   = []
      "digest-key"        = [for function in ["agent", "agents", "conversations", "stream", "websocket"] : "arn:aws:iam::111122223333:role/openclaw-test-${function}"]
      "ollama/token"      = ["arn:aws:iam::111122223333:role/openclaw-test-agent", "arn:aws:iam::111122223333:role/openclaw-test-agents", "arn:aws:iam::111122223333:role/openclaw-test-stream"]
      "openai/api-key"    = ["arn:aws:iam::111122223333:role/openclaw-test-agent", "arn:aws:iam::111122223333:role/openclaw-test-agents", "arn:aws:iam::111122223333:role/openclaw-test-stream"]
    })
    error_message = "a secret must be readable by the functions whose configuration names it; got ${jsonencode(local.secret_readers)}"
  }
}

run "deadlines_come_before_the_load_balancers" {
  command = plan

  variables {
    front_door        = "alb"
    certificate_arn   = "arn:aws:acm:eu-central-1:111122223333:certificate/c"
    idle_timeout_s    = 100
    function_settings = { agent = { timeout_s = 99 } }
  }

  assert {
    condition     = local.deadlines_ms["agent"] == 95000 && local.deadlines_ms["agents"] == 58000
    error_message = "the deadline must be 5 s before the idle timeout and 2 s before the function's timeout"
  }
  assert {
    condition     = local.deadlines_ms["stream"] == 898000
    error_message = "stream must have 15 minutes, whatever the load balancer's timeout is"
  }
}

run "the_local_cloud_is_named" {
  command = plan

  variables {
    front_door         = "alb"
    local_endpoint_url = "http://127.0.0.1:4566"
  }

  assert {
    condition = (
      local.environments["agent"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566" &&
      local.environments["agent"]["OPENCLAW_LOCAL"] == "1" &&
      local.environments["agent"]["OPENCLAW__AUTHENTICATION__JWKS_URL"] == "http://127.0.0.1:4566/eu-central-1_TEST/.well-known/jwks.json" &&
      !contains(keys(local.environments["health"]), "AWS_ENDPOINT_URL")
    )
    error_message = "functions must receive the address of the local cloud and of its key set, and know that they are there"
  }
  assert {
    condition     = output.base_url == "http://openclaw-test-1.eu-central-1.elb.amazonaws.com" && !local.verifies_tokens
    error_message = "the local load balancer must serve HTTP and verify nothing"
  }
  assert {
    condition     = local.environments["stream"]["OPENCLAW_CONNECTIONS_URL"] == "http://127.0.0.1:4566/_aws/execute-api/${local.websocket_api_id}/live" && local.environments["websocket"]["OPENCLAW_CONNECTIONS_URL"] == "http://127.0.0.1:4566/_aws/execute-api/${local.websocket_api_id}/live"
    error_message = "frames must go to the local cloud"
  }
}

run "settings_reach_them" {
  command = plan

  variables {
    architecture          = "x86_64"
    environment_overrides = { LLM_PROVIDER = "openai", LLM_MODEL = "gpt-4o-mini", OPENCLAW__AGENTS__0__SYSTEM = "Be brief." }
    log_level             = "debug"
    functions_in_vpc      = true
    function_settings = {
      agent  = { memory_mb = 2048, provisioned_concurrency = { min = 1, max = 5 } }
      stream = { timeout_s = 300 }
      agents = { stable_version = "7", canary_weight = 0.1, reserved_concurrency = 10 }
    }
  }

  assert {
    condition = (
      local.sizes["agent"].memory_mb == 2048 && local.sizes["agent"].timeout_s == 115 && local.sizes["agent"].provisioned_concurrency.max == 5 &&
      local.sizes["agents"].stable_version == "7" && local.sizes["agents"].canary_weight == 0.1 && local.sizes["agents"].reserved_concurrency == 10 &&
      local.sizes["health"].memory_mb == 128
    )
    error_message = "what a setting names must differ, and the rest be as in functions.tf; got ${jsonencode(local.sizes)}"
  }
  assert {
    condition = (
      local.environments["agent"]["LLM_PROVIDER"] == "openai" &&
      local.environments["agents"]["OPENCLAW__AGENTS__0__SYSTEM"] == "Be brief." &&
      jsonencode(local.environments["health"]) == jsonencode({ OPENCLAW_LOG_LEVEL = "debug" })
    )
    error_message = "overrides must reach the functions that have a configuration"
  }
  assert {
    condition     = local.deadlines_ms["stream"] == 298000 && local.deadlines_ms["agent"] == 28000
    error_message = "a shorter timeout must shorten the deadline of its function only"
  }
  assert {
    condition     = alltrue([for function in local.functions : function.in_vpc]) && length(module.network) == 1 && contains(local.interface_endpoints, "lambda")
    error_message = "functions_in_vpc must apply to every function, and websocket must invoke stream through an endpoint"
  }
}
