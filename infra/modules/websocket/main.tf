# A WebSocket API for clients that keep a connection open: one function hears who comes, who goes and what they say, and
# frames go back to them by the API's own address, long after that function has answered. A connection lasts 2 hours at
# most, 10 minutes of them silent; a message has 128 KB at most, in frames of 32 KB ("Quotas for configuring and running a
# WebSocket API" in the API Gateway Developer Guide).
data "aws_partition" "current" {}
data "aws_region" "current" {}

# It can have neither a firewall nor a policy of its own: who may connect is decided by the function, at $connect.
resource "aws_apigatewayv2_api" "this" {
  name            = "${var.name}-websocket"
  description     = "WebSocket API of ${var.name}"
  protocol_type   = "WEBSOCKET"
  ip_address_type = "dualstack"

  # No action has a route of its own: what is none must get an answer too.
  route_selection_expression = "$request.body.action"

  tags = { Component = "websocket" }
}

# ---- Who comes, who goes, what they say: one function, by its alias

locals {
  timeout_ms = 29000 # the most that API Gateway waits
  routes     = { connect = "$connect", disconnect = "$disconnect", default = "$default" }
}

resource "aws_apigatewayv2_integration" "this" {
  api_id               = aws_apigatewayv2_api.this.id
  integration_type     = "AWS_PROXY"
  integration_method   = "POST"
  integration_uri      = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path/2015-03-31/functions/${var.function.arn}/invocations"
  timeout_milliseconds = local.timeout_ms
}

# What the function answers to a message goes nowhere: there is no route response. It posts frames.
resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309: the function verifies tokens; a browser sends its own in Sec-WebSocket-Protocol, which no authorizer but a function of ours could read
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.value
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "this" {
  for_each = local.routes

  statement_id  = "${var.name}-websocket-api-${each.key}"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = var.function.function_name
  qualifier     = var.function.alias

  # This very API, stage and route.
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/${var.stage_name}/${each.value}"
}

# ---- Stage

resource "aws_apigatewayv2_stage" "this" {
  #checkov:skip=CKV2_AWS_51: callers are people and programs with tokens, which have no certificates
  api_id      = aws_apigatewayv2_api.this.id
  name        = var.stage_name
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttling.rate
    throttling_burst_limit   = var.throttling.burst
    logging_level            = "OFF" # execution logs would hold prompts and tokens
    data_trace_enabled       = false
  }

  # No header and no query string: a token may be in either.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id             = "$context.requestId"
      time                   = "$context.requestTimeEpoch"
      connection_id          = "$context.connectionId"
      source_ip              = "$context.identity.sourceIp"
      event                  = "$context.eventType"
      route                  = "$context.routeKey"
      status                 = "$context.status"
      integration_latency_ms = "$context.integrationLatency"
      integration_error      = "$context.integrationErrorMessage"
      error                  = "$context.error.message"
    })
  }

  tags = { Component = "websocket" }

  # An API without routes cannot be deployed.
  depends_on = [aws_apigatewayv2_route.this]
}

# API Gateway writes it with the role that the bootstrap has given the account.
resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338: the product keeps logs 90 days by default; log_retention_days raises it
  name              = "/${var.name}/websocket-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn

  tags = { Component = "websocket" }
}
