mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name               = "openclaw-test"
  stage_name         = "live"
  logs_kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  function           = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-websocket:live", function_name = "openclaw-test-websocket", alias = "live" }
  log_retention_days = 90
  throttling         = { rate = 100, burst = 200 }
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_api.this.name == "openclaw-test-websocket" && aws_apigatewayv2_api.this.protocol_type == "WEBSOCKET" && aws_apigatewayv2_api.this.route_selection_expression == "$request.body.action"
    error_message = "the API must be a WebSocket API that selects routes by the member action"
  }
  assert {
    condition     = aws_apigatewayv2_api.this.ip_address_type == "ipv4"
    error_message = "the API must use IPv4 and IPv6"
  }
  assert {
    condition     = output.url == "wss://a1b2c3.execute-api.eu-central-1.amazonaws.com/live" && output.id == "a1b2c3"
    error_message = "clients must connect to the stage"
  }
  assert {
    condition     = output.management_url == "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/live"
    error_message = "functions must post to the same host and stage"
  }
  assert {
    condition     = toset([for route in aws_apigatewayv2_route.this : route.route_key]) == toset(["$connect", "$disconnect", "$default"])
    error_message = "connects, disconnects and every message must have a route"
  }
  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.this : route.target == "integrations/int1" && route.api_id == "a1b2c3"])
    error_message = "all routes must lead to the same function"
  }
  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.this : route.authorization_type == "NONE" && route.authorizer_id == null])
    error_message = "the function must receive the token unverified"
  }
  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.this : route.route_response_selection_expression == null])
    error_message = "the function's answer to a message must not be sent, because it posts frames"
  }
  assert {
    condition = (
      aws_apigatewayv2_integration.this.integration_type == "AWS_PROXY" && aws_apigatewayv2_integration.this.integration_method == "POST" &&
      aws_apigatewayv2_integration.this.integration_uri == "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${var.function.arn}/invocations"
    )
    error_message = "the function must be invoked by its alias"
  }
  assert {
    condition     = aws_apigatewayv2_integration.this.timeout_milliseconds == 29000
    error_message = "API Gateway must wait as long as it can"
  }
  assert {
    condition = toset([for permission in aws_lambda_permission.this : permission.source_arn]) == toset([
      for route in ["$connect", "$disconnect", "$default"] : "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/live/${route}"
    ])
    error_message = "only this API, stage and routes may invoke the function, without a wildcard"
  }
  assert {
    condition = alltrue([for permission in aws_lambda_permission.this :
      permission.principal == "apigateway.amazonaws.com" && permission.action == "lambda:InvokeFunction" &&
      permission.function_name == "openclaw-test-websocket" && permission.qualifier == "live"
    ])
    error_message = "only the alias may be invoked"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.access_log_settings).destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.retention_in_days == 90 && aws_cloudwatch_log_group.access.kms_key_id == var.logs_kms_key_arn
    error_message = "the access log must be kept for 90 days and encrypted with our key"
  }
  assert {
    # The key's policy lets CloudWatch Logs use it for the deployment's groups only (modules/keys).
    condition     = aws_cloudwatch_log_group.access.name == "/openclaw-test/websocket-api"
    error_message = "the log group must have the deployment's prefix, for which the key may be used"
  }
  assert {
    condition = alltrue([for field in ["request_id", "connection_id", "event", "route", "status", "source_ip", "integration_error", "error"] :
      can(jsondecode(one(aws_apigatewayv2_stage.this.access_log_settings).format)[field])
    ])
    error_message = "the access log must be JSON that shows each event and its result"
  }
  assert {
    condition     = jsondecode(one(aws_apigatewayv2_stage.this.access_log_settings).format).function_request_id == "$context.integration.requestId"
    error_message = "the access log must have the id under which the function logs the request, so that address and caller can be joined"
  }
  assert {
    condition     = !can(regex("(?i)header|userAgent|claims|authorizer|querystring|protocol|messageBody", one(aws_apigatewayv2_stage.this.access_log_settings).format))
    error_message = "the access log must contain nothing that could hold a token or a prompt"
  }
}

run "the_stage" {
  command = plan
  variables { throttling = { rate = 5, burst = 7 } }

  assert {
    condition     = aws_apigatewayv2_stage.this.name == "live" && aws_apigatewayv2_stage.this.api_id == "a1b2c3" && aws_apigatewayv2_stage.this.auto_deploy
    error_message = "a change must be deployed at once"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.default_route_settings).throttling_rate_limit == 5 && one(aws_apigatewayv2_stage.this.default_route_settings).throttling_burst_limit == 7
    error_message = "throttling must be as given"
  }
  assert {
    condition     = [for route in aws_apigatewayv2_stage.this.route_settings : [route.route_key, route.throttling_rate_limit, route.throttling_burst_limit, route.logging_level]] == [["$connect", 2.5, 3, "OFF"]]
    error_message = "connects must be throttled apart from messages"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.default_route_settings).detailed_metrics_enabled
    error_message = "there must be detailed metrics"
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.default_route_settings).logging_level == "OFF" && one(aws_apigatewayv2_stage.this.default_route_settings).data_trace_enabled == false
    error_message = "neither prompts nor tokens may be logged"
  }
  assert {
    condition     = aws_apigatewayv2_stage.this.tags["Component"] == "websocket" && aws_apigatewayv2_api.this.tags["Component"] == "websocket" && aws_cloudwatch_log_group.access.tags["Component"] == "websocket"
    error_message = "resources must carry the tag Component, for cost allocation"
  }
}

run "wrong_values" {
  command = plan
  variables {
    function   = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-websocket", function_name = "openclaw-test-websocket", alias = "live" }
    stage_name = "$default"
  }
  expect_failures = [var.function, var.stage_name]
}

run "over_ipv6_when_asked" {
  command = plan
  variables { ipv6 = true }

  assert {
    condition     = aws_apigatewayv2_api.this.ip_address_type == "dualstack"
    error_message = "the API must have IPv6 addresses"
  }
}
