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
    error_message = "each route, its preflight and what no route matches must lead to its function"
  }
  assert {
    condition     = alltrue([for key, r in merge(aws_apigatewayv2_route.verified, aws_apigatewayv2_route.open) : r.route_key == key])
    error_message = "each route must have its key"
  }
  assert {
    condition     = toset(keys(aws_apigatewayv2_route.verified)) == toset(["ANY /v1/agent/{proxy+}", "GET /v1/agents", "POST /v1/agents", "ANY /v1/health/deep"])
    error_message = "every route must be verified except health, preflight and what no route matches"
  }
  assert {
    condition     = alltrue([for r in aws_apigatewayv2_route.verified : r.authorization_type == "JWT" && r.authorizer_id == aws_apigatewayv2_authorizer.this[0].id])
    error_message = "the authorizer must verify them"
  }
  assert {
    condition = (
      aws_apigatewayv2_authorizer.this[0].authorizer_type == "JWT" && aws_apigatewayv2_authorizer.this[0].jwt_configuration[0].issuer == var.issuer &&
      toset(aws_apigatewayv2_authorizer.this[0].jwt_configuration[0].audience) == toset(var.audience) && one(aws_apigatewayv2_authorizer.this[0].identity_sources) == "$request.header.Authorization"
    )
    error_message = "the authorizer must accept tokens of our pool and clients, from the Authorization header"
  }
  assert {
    condition = alltrue([for r in aws_apigatewayv2_route.open : r.authorization_type == "NONE"]) && alltrue([
      for key in keys(aws_apigatewayv2_route.open) : contains(["$default", "ANY /v1/health"], key) || startswith(key, "OPTIONS ")
    ])
    error_message = "only what the contract opens may be open"
  }
  assert {
    condition = alltrue([for key, i in aws_apigatewayv2_integration.this :
      i.integration_type == "AWS_PROXY" && i.payload_format_version == "2.0" && i.timeout_milliseconds == 30000 &&
      i.integration_uri == "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${var.functions[key].arn}/invocations"
    ]) && length(aws_apigatewayv2_integration.this) == 3
    error_message = "each alias must have one integration, of format 2.0 and with 30 s"
  }
  assert {
    condition = alltrue([for key, p in aws_lambda_permission.this :
      p.source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/*/*" && p.function_name == var.functions[key].function_name && p.qualifier == "live" && p.principal == "apigateway.amazonaws.com"
    ]) && length(aws_lambda_permission.this) == 3
    error_message = "only this API may invoke the alias"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.access_log_settings).destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.retention_in_days == 90 && aws_cloudwatch_log_group.access.kms_key_id == var.logs_kms_key_arn
    error_message = "the access log must be kept for 90 days and encrypted with our key"
  }
  assert {
    condition = alltrue([for field in ["request_id", "status", "route", "latency_ms", "authorizer_error"] :
      can(jsondecode(one(aws_apigatewayv2_stage.this.access_log_settings).format)[field])
    ])
    error_message = "the access log must be JSON that shows each request, its status and its latency"
  }
  assert {
    condition     = jsondecode(one(aws_apigatewayv2_stage.this.access_log_settings).format).function_request_id == "$context.integration.requestId"
    error_message = "the access log must have the id under which the function logs the request, so that address and caller can be joined"
  }
  assert {
    condition     = !can(regex("(?i)header|userAgent|claims|context\\.path|querystring", one(aws_apigatewayv2_stage.this.access_log_settings).format))
    error_message = "the access log must contain no header, claim, path or query"
  }
  assert {
    condition     = aws_apigatewayv2_stage.this.name == "$default" && aws_apigatewayv2_stage.this.auto_deploy && output.base_url == "https://a1b2c3.execute-api.eu-central-1.amazonaws.com" && output.stage_name == "$default"
    error_message = "the base URL must be the root of the API"
  }
  assert {
    condition     = aws_apigatewayv2_api.this.protocol_type == "HTTP" && aws_apigatewayv2_api.this.ip_address_type == "dualstack" && length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "the API must be an HTTP API, dual stack, without cross-origin access"
  }
  assert {
    condition     = !aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.base_url == aws_apigatewayv2_api.this.api_endpoint
    error_message = "without a name of its own the API must answer by the one from AWS"
  }
}

run "without_the_authorizer" {
  command = plan
  variables { authorizer = false }

  assert {
    condition     = length(aws_apigatewayv2_authorizer.this) == 0 && length(aws_apigatewayv2_route.verified) == 0 && length(aws_apigatewayv2_route.open) == 6
    error_message = "every route must exist, unverified"
  }
}

run "throttling" {
  command = plan
  variables { throttling = { rate = 5, burst = 7 } }

  assert {
    condition     = one(aws_apigatewayv2_stage.this.default_route_settings).throttling_rate_limit == 5 && one(aws_apigatewayv2_stage.this.default_route_settings).throttling_burst_limit == 7 && one(aws_apigatewayv2_stage.this.default_route_settings).detailed_metrics_enabled
    error_message = "throttling must be as given, with metrics per route"
  }
}

run "origins" {
  command = plan
  variables { allowed_origins = ["https://app.example.org"] }

  assert {
    condition     = toset(aws_apigatewayv2_api.this.cors_configuration[0].allow_origins) == toset(["https://app.example.org"]) && contains(aws_apigatewayv2_api.this.cors_configuration[0].allow_headers, "authorization") && aws_apigatewayv2_api.this.cors_configuration[0].allow_credentials != true
    error_message = "the given origins must be allowed, with tokens and without cookies"
  }
}

run "a_name_of_its_own_is_the_only_one" {
  command = plan
  variables { default_endpoint = false }

  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.base_url == null
    error_message = "the API must not answer by a second name"
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
