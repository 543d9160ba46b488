# What functions and hosts in the VPC can reach.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  front_door      = "alb"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
}

run "functions_can_be_limited_to_aws" {
  command = plan

  variables {
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }

  assert {
    condition     = !local.functions_reach_internet && local.nat_gateways == "none" && length(output.nat_public_ips) == 0
    error_message = "there must be no route to the internet, by rule or by gateway"
  }
  assert {
    condition     = local.interface_endpoints == toset(["bedrock", "bedrock-runtime", "cognito-idp", "logs", "secretsmanager", "ssm"])
    error_message = "each service that functions call must have an endpoint; got ${join(", ", local.interface_endpoints)}"
  }
  assert {
    condition     = output.ollama_session_document == null && output.ollama_session_policy_arn == null
    error_message = "without a host there must be no session document"
  }
  assert {
    condition     = length(module.websocket) == 0 && length(module.edge) == 1 && keys(local.functions) == ["agent", "agents", "archive", "authorizer", "conversations", "health", "stream"]
    error_message = "the other functions must exist without websocket"
  }
}

run "endpoints_admit_our_resources" {
  command = plan

  variables {
    config_bundle = "../../tests/configurations/providers/bundle.json"
    ollama        = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }

  assert {
    condition     = local.functions_reach_internet && !contains(local.interface_endpoints, "cognito-idp")
    error_message = "the key set of the user pool must be read from the internet, where every pool has it"
  }
  # The mocked provider gives all secrets the same ARN, and all buckets.
  assert {
    condition = jsonencode({ for service, arns in local.endpoint_resource_arns : service => sort(distinct(arns)) if service != "bedrock-runtime" }) == jsonencode({
      cognito-idp    = ["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_TEST"]
      lambda         = ["arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live"]
      dynamodb       = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test", "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test/index/GSI1"]
      logs           = sort(concat([for function in keys(local.functions) : "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/openclaw-test-${function}:*"], ["arn:aws:logs:eu-central-1:111122223333:log-group:/openclaw-test/ollama/sessions:*"]))
      rds-data       = []
      s3             = ["arn:aws:s3:::made", "arn:aws:s3:::made/*"]
      secretsmanager = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:other"]
      ssm            = sort(concat([for name in ["config", "config/*", "ollama/ca"] : "arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/${name}"], [for name in local.named_parameters : "arn:aws:ssm:eu-central-1:111122223333:parameter${name}"]))
    })
    error_message = "endpoints must admit this deployment's resources only; got ${jsonencode(local.endpoint_resource_arns)}"
  }
  assert {
    condition     = jsonencode(local.endpoint_resource_arns["bedrock-runtime"]) == jsonencode(local.model_arns) && length(local.model_arns) > 0
    error_message = "the endpoint must admit the models that the configuration names"
  }
  assert {
    condition     = output.ollama_session_document == "openclaw-test-ollama-session" && output.ollama_session_policy_arn == "arn:aws:iam::111122223333:policy/made"
    error_message = "the outputs must show operators how to open a session on the host"
  }
}

run "a_provider_on_the_internet_must_be_reachable" {
  command = plan
  variables {
    config_bundle            = "../../tests/configurations/openai/bundle.json"
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }
  expect_failures = [var.functions_reach_internet]
}

run "a_user_pool_with_a_domain_must_be_reachable" {
  command = plan
  variables {
    identity                 = { callback_urls = ["http://localhost:8400/callback"], domain_prefix = "openclaw-test" }
    functions_in_vpc         = true
    functions_reach_internet = false
    websocket                = false
  }
  expect_failures = [var.functions_reach_internet]
}

run "connections_must_be_reachable" {
  command = plan
  variables {
    functions_in_vpc         = true
    functions_reach_internet = false
  }
  expect_failures = [var.functions_reach_internet]
}

run "websockets_in_the_vpc_need_ipv4" {
  command = plan
  variables {
    functions_in_vpc = true
    nat_gateways     = "none"
  }
  expect_failures = [var.nat_gateways]
}

run "an_ollama_host_needs_ipv4" {
  command = plan
  variables {
    nat_gateways = "none"
    ollama       = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }
  expect_failures = [var.nat_gateways]
}
