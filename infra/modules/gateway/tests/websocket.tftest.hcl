# The WebSocket API: what its functions receive and may do, and that all of it can be left out.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

override_resource {
  target          = module.websocket[0].aws_apigatewayv2_api.this
  override_during = plan
  values          = { id = "ws1", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:ws1" }
}

override_resource {
  target          = module.websocket[0].aws_apigatewayv2_stage.this
  override_during = plan
  values          = { invoke_url = "wss://ws1.execute-api.eu-central-1.amazonaws.com/live" }
}

override_resource {
  target          = module.function["websocket"].aws_lambda_alias.live
  override_during = plan
  values          = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-websocket:live" }
}

override_resource {
  target          = module.identity[0].aws_cognito_user_pool_client.people
  override_during = plan
  values          = { id = "people" }
}

run "functions_and_their_permissions" {
  command = plan

  # A bundle that names secrets, so that the lack of a permission for them means something.
  variables { config_bundle = "../../tests/configurations/providers/bundle.json" }

  assert {
    condition     = output.websocket_url == "wss://ws1.execute-api.eu-central-1.amazonaws.com/live" && output.websocket_api_id == "ws1"
    error_message = "clients must learn where to connect; got ${output.websocket_url}"
  }
  assert {
    condition = jsonencode(local.environments["websocket"]) == jsonencode({
      OPENCLAW_AUDIT_TABLE                   = "openclaw-test-audit"
      OPENCLAW_CONFIG                        = "ssm:/openclaw-test/config"
      OPENCLAW_CONNECTIONS_URL               = "https://ws1.execute-api.eu-central-1.amazonaws.com/live"
      OPENCLAW_DEADLINE_MS                   = "28000"
      OPENCLAW_DIGEST_SECRET                 = "openclaw-test/digest-key"
      OPENCLAW_LOG_LEVEL                     = "info"
      OPENCLAW_SECRETS_PREFIX                = "openclaw-test/"
      OPENCLAW_STREAM_FUNCTION               = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live"
      OPENCLAW_TABLE                         = "openclaw-test"
      OPENCLAW__AUTHENTICATION__CLIENT_ID    = "people"
      OPENCLAW__AUTHENTICATION__USER_POOL_ID = "eu-central-1_TEST"
    })
    error_message = "websocket must receive the address for frames and the function that runs agents, and admit everybody beside an HTTP API; got ${jsonencode(local.environments["websocket"])}"
  }
  assert {
    condition     = [for key, environment in local.environments : key if contains(keys(environment), "OPENCLAW_CONNECTIONS_URL")] == ["stream", "websocket"] && local.environments["stream"]["OPENCLAW_CONNECTIONS_URL"] == local.environments["websocket"]["OPENCLAW_CONNECTIONS_URL"]
    error_message = "stream must post frames to the same address, and no other function may"
  }
  assert {
    condition     = [for key, environment in local.environments : key if length(setintersection(keys(environment), ["OPENCLAW_STREAM_FUNCTION", "OPENCLAW_ALLOWED_CIDRS"])) > 0] == ["websocket"]
    error_message = "only websocket may receive the other variables"
  }
  assert {
    condition = jsonencode(local.asynchronous) == jsonencode({
      stream = { max_age_s = 60, on_failure_arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-websocket:live", retries = 0 }
    })
    error_message = "stream must try once, within a minute, and websocket must receive its failures; got ${jsonencode(local.asynchronous)}"
  }
  assert {
    condition     = length(local.asynchronous) == 1 && length(regexall("(?m)^  async += lookup[(]local[.]asynchronous, each[.]key, null[)]$", file("functions.tf"))) == 1
    error_message = "the function must receive these settings"
  }
  assert {
    condition = jsonencode({ for s in local.policies.websocket : s.sid => { actions = s.actions, resources = s.resources } if s.sid != "ReadDigestKey" }) == jsonencode({
      ReadConfiguration = {
        actions   = ["ssm:GetParameters"]
        resources = ["arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/config", "arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/config/*"]
      }
      KeepConnections = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      StartRuns = {
        actions   = ["lambda:InvokeFunction"]
        resources = ["arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live"]
      }
      WriteAuditEntries = {
        actions   = ["dynamodb:PutItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
      }
      PostToConnections = {
        actions   = ["execute-api:ManageConnections"]
        resources = ["arn:aws:execute-api:eu-central-1:111122223333:ws1/live/POST/@connections/*"]
      }
      Decrypt = {
        actions   = ["kms:Decrypt"]
        resources = ["arn:aws:kms:eu-central-1:111122223333:key/data"]
      }
    })
    error_message = "websocket must have exactly these permissions, for no provider's key and no model; got ${jsonencode(local.policies.websocket)}"
  }
  assert {
    condition = jsonencode([for s in local.policies.websocket : s.conditions if s.sid == "KeepConnections"][0]) == jsonencode([{
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["L#*", "W#*"]
    }])
    error_message = "websocket must not read conversations"
  }
  assert {
    condition     = jsonencode([for s in local.policies.websocket : s.conditions if s.sid == "Decrypt"][0]) == jsonencode([{ test = "StringEquals", values = ["dynamodb.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com", "ssm.eu-central-1.amazonaws.com"], variable = "kms:ViaService" }])
    error_message = "nothing may be decrypted except through the services that store it"
  }
  assert {
    condition = jsonencode({ for s in local.policies.stream : s.sid => { actions = s.actions, resources = s.resources } if contains(["PostToConnections", "ReportFailures"], s.sid) }) == jsonencode({
      PostToConnections = {
        actions   = ["execute-api:ManageConnections"]
        resources = ["arn:aws:execute-api:eu-central-1:111122223333:ws1/live/POST/@connections/*"]
      }
      ReportFailures = {
        actions   = ["lambda:InvokeFunction"]
        resources = ["arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-websocket:live"]
      }
    })
    error_message = "stream must post frames, and Lambda must invoke websocket with its role; got ${jsonencode(local.policies.stream)}"
  }
  assert {
    condition     = [for key, statements in local.policies : key if strcontains(jsonencode(statements), "lambda:") || strcontains(jsonencode(statements), "execute-api:")] == ["stream", "websocket"]
    error_message = "no other function may invoke a function or post a frame"
  }
}

run "left_out" {
  command = plan
  variables { websocket = false }

  assert {
    condition     = length(module.websocket) == 0 && output.websocket_url == null && output.websocket_api_id == null
    error_message = "there must be no API"
  }
  assert {
    condition     = !contains(keys(local.functions), "websocket") && !contains(keys(output.function_names), "websocket") && !contains(keys(local.policies), "websocket")
    error_message = "there must be no function"
  }
  assert {
    condition     = !strcontains(jsonencode(local.policies), "execute-api:") && !strcontains(jsonencode(local.policies), "lambda:")
    error_message = "there must be no permission"
  }
  assert {
    condition     = length(setintersection(flatten([for environment in local.environments : keys(environment)]), ["OPENCLAW_ALLOWED_CIDRS", "OPENCLAW_CONNECTIONS_URL", "OPENCLAW_STREAM_FUNCTION"])) == 0
    error_message = "there must be no variable"
  }
  assert {
    condition     = length(local.asynchronous) == 0
    error_message = "nothing may be invoked asynchronously"
  }
}

run "streams_left_out_beside_websockets" {
  command = plan
  variables { streams = false }

  assert {
    condition     = length(module.stream) == 0 && output.stream_url == null && length(module.websocket) == 1
    error_message = "there must be no API for streams"
  }
  assert {
    condition     = contains(keys(local.functions), "stream") && length(local.asynchronous) == 1
    error_message = "the function must stay, because it runs agents for WebSocket clients"
  }
}

run "the_front_door_is_the_only_one" {
  command = plan
  variables {
    config_bundle = "../../tests/configurations/providers/bundle.json"
    streams       = false
    websocket     = false
  }

  assert {
    condition     = length(module.stream) == 0 && length(module.websocket) == 0 && output.stream_url == null && output.websocket_url == null
    error_message = "there must be no API beside the front door"
  }
  assert {
    condition     = keys(output.function_names) == ["agent", "agents", "archive", "conversations", "health"] && keys(local.policies) == keys(output.function_names)
    error_message = "there must be no function that nothing invokes; got ${jsonencode(keys(output.function_names))}"
  }
  assert {
    condition     = !strcontains(jsonencode(local.secret_readers), "-stream") && length(local.secret_readers["openai/api-key"]) == 2
    error_message = "nobody may read a secret with the role of a function that does not exist; got ${jsonencode(local.secret_readers)}"
  }
  assert {
    condition     = local.http_api_routes["stream"].function == "agent"
    error_message = "the front door must still answer the path of a stream"
  }
}
