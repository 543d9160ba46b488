# A WebSocket API for clients that keep a connection open. One function receives connects, disconnects and messages. Frames
# are posted to connections through the API's own address, long after that function has answered. A connection lasts at
# most 2 hours, with at most 10 minutes of silence; a message has at most 128 KB, in frames of 32 KB ("Quotas for
# configuring and running a WebSocket API" in the API Gateway Developer Guide).
data "aws_partition" "current" {}
data "aws_region" "current" {}

# It can have neither a firewall nor a resource policy, so the function decides at $connect who may connect.
resource "aws_apigatewayv2_api" "this" {
  name            = "${var.name}-websocket"
  description     = "WebSocket API of ${var.name}"
  protocol_type   = "WEBSOCKET"
  ip_address_type = var.ipv6 ? "dualstack" : "ipv4"

  # No action has a route of its own, because an unknown action must be answered too.
  route_selection_expression = "$request.body.action"

  tags = { Component = "websocket" }
}

# ---- Connects, disconnects and messages: one function, by its alias

locals {
  timeout_ms = 29000 # the longest that API Gateway waits
  routes     = { connect = "$connect", disconnect = "$disconnect", default = "$default" }
}

resource "aws_apigatewayv2_integration" "this" {
  api_id               = aws_apigatewayv2_api.this.id
  integration_type     = "AWS_PROXY"
  integration_method   = "POST"
  integration_uri      = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path/2015-03-31/functions/${var.function.arn}/invocations"
  timeout_milliseconds = local.timeout_ms
}

# Without a route response the function's answer to a message is not sent. The function posts frames instead.
resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309: the function verifies tokens; a browser sends its token in Sec-WebSocket-Protocol, which only a function of ours can read
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

  # This API, stage and route only.
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
    logging_level            = "OFF" # execution logs would contain prompts and tokens
    data_trace_enabled       = false
  }

  # A bucket of their own for those who come, so that strangers who knock do not shut out those who are connected. Half of the
  # rate, because a connection lasts longer than one message.
  dynamic "route_settings" {
    # The local cloud has no settings of single routes.
    for_each = var.local ? [] : ["$connect"]

    content {
      route_key                = route_settings.value
      detailed_metrics_enabled = true
      throttling_rate_limit    = max(1, var.throttling.rate / 2)
      throttling_burst_limit   = max(1, floor(var.throttling.burst / 2))
      logging_level            = "OFF"
      data_trace_enabled       = false
    }
  }

  # Headers and query strings are left out, because either may contain a token.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id             = "$context.requestId"
      function_request_id    = "$context.integration.requestId" # request_id in the function's log
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

# API Gateway writes it with the role that the bootstrap sets for the account.
resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  name              = "/${var.name}/websocket-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = "websocket" }
}
