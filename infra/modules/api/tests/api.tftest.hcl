mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  issuer           = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool"
  audience         = ["people", "machines"]
  logs_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  functions = {
    health = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-health:live", function_name = "openclaw-test-health", alias = "live" }
    agent  = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agent:live", function_name = "openclaw-test-agent", alias = "live" }
    agents = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agents:live", function_name = "openclaw-test-agents", alias = "live" }
  }
  http_routes = {
    health = { function = "health", route_keys = ["ANY /v1/health"] }
    agent  = { function = "agent", route_keys = ["ANY /v1/agent/{proxy+}"] }
    agents = { function = "agents", route_keys = ["GET /v1/agents", "POST /v1/agents", "ANY /v1/health/deep"] }
  }
  log_retention_days = 90
  throttling         = { rate = 100, burst = 200 }
}

run "by_default" {
  command = plan

  assert {
    condition = { for key, r in merge(aws_apigatewayv2_route.verified, aws_apigatewayv2_route.open) : key => r.target } == {
      "ANY /v1/health"             = "integrations/${aws_apigatewayv2_integration.this["health"].id}"
      "$default"                   = "integrations/${aws_apigatewayv2_integration.this["health"].id}"
      "ANY /v1/agent/{proxy+}"     = "integrations/${aws_apigatewayv2_integration.this["agent"].id}"
      "OPTIONS /v1/agent/{proxy+}" = "integrations/${aws_apigatewayv2_integration.this["agent"].id}"
      "GET /v1/agents"             = "integrations/${aws_apigatewayv2_integration.this["agents"].id}"
      "POST /v1/agents"            = "integrations/${aws_apigatewayv2_integration.this["agents"].id}"
      "OPTIONS /v1/agents"         = "integrations/${aws_apigatewayv2_integration.this["agents"].id}"
      "ANY /v1/health/deep"        = "integrations/${aws_apigatewayv2_integration.this["agents"].id}"
      "OPTIONS /v1/health/deep"    = "integrations/${aws_apigatewayv2_integration.this["agents"].id}"
    }
    error_message = "routes, preflights and the rest, each at its function"
  }
  assert {
    condition     = alltrue([for key, r in merge(aws_apigatewayv2_route.verified, aws_apigatewayv2_route.open) : r.route_key == key])
    error_message = "under their keys"
  }
  assert {
    condition     = toset(keys(aws_apigatewayv2_route.verified)) == toset(["ANY /v1/agent/{proxy+}", "GET /v1/agents", "POST /v1/agents", "ANY /v1/health/deep"])
    error_message = "every route but health, preflight and the unrouted"
  }
  assert {
    condition     = alltrue([for r in aws_apigatewayv2_route.verified : r.authorization_type == "JWT" && r.authorizer_id == aws_apigatewayv2_authorizer.this[0].id])
    error_message = "by the authorizer"
  }
  assert {
    condition = (
      aws_apigatewayv2_authorizer.this[0].authorizer_type == "JWT" && aws_apigatewayv2_authorizer.this[0].jwt_configuration[0].issuer == var.issuer &&
      toset(aws_apigatewayv2_authorizer.this[0].jwt_configuration[0].audience) == toset(var.audience) && one(aws_apigatewayv2_authorizer.this[0].identity_sources) == "$request.header.Authorization"
    )
    error_message = "of our pool, for our clients, from the Authorization header"
  }
  assert {
    condition = alltrue([for r in aws_apigatewayv2_route.open : r.authorization_type == "NONE"]) && alltrue([
      for key in keys(aws_apigatewayv2_route.open) : contains(["$default", "ANY /v1/health"], key) || startswith(key, "OPTIONS ")
    ])
    error_message = "open is only what the contract opens"
  }
  assert {
    condition = alltrue([for key, i in aws_apigatewayv2_integration.this :
      i.integration_type == "AWS_PROXY" && i.payload_format_version == "2.0" && i.timeout_milliseconds == 30000 &&
      i.integration_uri == "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${var.functions[key].arn}/invocations"
    ]) && length(aws_apigatewayv2_integration.this) == 3
    error_message = "one per alias, format 2.0, 30 s"
  }
  assert {
    condition = alltrue([for key, p in aws_lambda_permission.this :
      p.source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/*/*" && p.function_name == var.functions[key].function_name && p.qualifier == "live" && p.principal == "apigateway.amazonaws.com"
    ]) && length(aws_lambda_permission.this) == 3
    error_message = "only this API invokes the alias"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.access_log_settings).destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.retention_in_days == 90 && aws_cloudwatch_log_group.access.kms_key_id == var.logs_kms_key_arn
    error_message = "90 days, with our key"
  }
  assert {
    condition = alltrue([for field in ["request_id", "status", "route", "latency_ms", "authorizer_error"] :
      can(jsondecode(one(aws_apigatewayv2_stage.this.access_log_settings).format)[field])
    ])
    error_message = "JSON that says who was answered what, and how fast"
  }
  assert {
    condition     = !can(regex("(?i)header|userAgent|claims|context\\.path|querystring", one(aws_apigatewayv2_stage.this.access_log_settings).format))
    error_message = "no header, claim, path or query"
  }
  assert {
    condition     = aws_apigatewayv2_stage.this.name == "$default" && aws_apigatewayv2_stage.this.auto_deploy && output.base_url == "https://a1b2c3.execute-api.eu-central-1.amazonaws.com" && output.stage_name == "$default"
    error_message = "routes are appended to the endpoint"
  }
  assert {
    condition     = aws_apigatewayv2_api.this.protocol_type == "HTTP" && aws_apigatewayv2_api.this.ip_address_type == "dualstack" && length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "an HTTP API, dual stack, no cross-origin access"
  }
  assert {
    condition     = !aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.base_url == aws_apigatewayv2_api.this.api_endpoint
    error_message = "without a name of its own it answers by the one from AWS"
  }
}

run "without_the_authorizer" {
  command = plan
  variables { authorizer = false }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.this) == 0 && length(aws_apigatewayv2_route.verified) == 0 && length(aws_apigatewayv2_route.open) == 6
    error_message = "every route stands, unverified"
  }
}

run "throttling" {
  command = plan
  variables { throttling = { rate = 5, burst = 7 } }

  assert {
    condition     = one(aws_apigatewayv2_stage.this.default_route_settings).throttling_rate_limit == 5 && one(aws_apigatewayv2_stage.this.default_route_settings).throttling_burst_limit == 7 && one(aws_apigatewayv2_stage.this.default_route_settings).detailed_metrics_enabled
    error_message = "as given, with metrics per route"
  }
}

run "origins" {
  command = plan
  variables { allowed_origins = ["https://app.example.org"] }

  assert {
    condition     = toset(aws_apigatewayv2_api.this.cors_configuration[0].allow_origins) == toset(["https://app.example.org"]) && contains(aws_apigatewayv2_api.this.cors_configuration[0].allow_headers, "authorization") && aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials != true
    error_message = "the given origins, tokens, no cookies"
  }
}

run "a_name_of_its_own_is_the_only_one" {
  command = plan
  variables { default_endpoint = false }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.base_url == null
    error_message = "there is no second way in"
  }
}

run "wrong_values" {
  command = plan
  variables {
    allowed_origins = ["https://*"]
    http_routes     = { x = { function = "x", route_keys = ["GET /x"] } }
    issuer          = "http://pool"
    audience        = []
  }
  expect_failures = [var.allowed_origins, var.http_routes, var.issuer, var.audience]
}

run "health_must_exist" {
  command = plan
  variables { functions = { agent = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agent:live", function_name = "openclaw-test-agent", alias = "live" } } }
  expect_failures = [var.functions]
}

run "route_key_is_checked" {
  command = plan
  variables { http_routes = { x = { function = "agent", route_keys = ["/x"] } } }
  expect_failures = [var.http_routes]
}

run "route_key_occurs_once" {
  command = plan
  variables {
    http_routes = {
      a = { function = "agent", route_keys = ["GET /x"] }
      b = { function = "agents", route_keys = ["GET /x"] }
    }
  }
  expect_failures = [var.http_routes]
}
