data "aws_partition" "current" {}
data "aws_region" "current" {}

# AWS WAF cannot protect an HTTP API, so it has throttling and an authorizer only.
resource "aws_apigatewayv2_api" "this" {
  name            = var.name
  description     = "HTTP API of ${var.name}"
  protocol_type   = "HTTP"
  ip_address_type = "dualstack"

  # With a name of its own the API must not be reachable by a second one.
  disable_execute_api_endpoint = !var.default_endpoint

  # With origins, API Gateway answers preflight requests itself, and browsers can read its own 401 and 429.
  dynamic "cors_configuration" {
    for_each = length(var.allowed_origins) > 0 ? [1] : []

    content {
      allow_origins  = var.allowed_origins
      allow_methods  = ["DELETE", "GET", "POST"]
      allow_headers  = ["authorization", "content-type", "idempotency-key"]
      expose_headers = ["retry-after", "www-authenticate", "x-request-id"]
      max_age        = 3600
    }
  }

  tags = { Component = "api" }
}

# ---- Integrations: one per function, whose alias the API may invoke

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path/2015-03-31/functions/${each.value.arn}/invocations"
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000 # the longest that API Gateway waits; the functions' deadline is earlier
}

resource "aws_lambda_permission" "this" {
  for_each = var.functions

  statement_id  = "${var.name}-http-api"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.function_name
  qualifier     = each.value.alias

  # Any stage and route of this API: a function serves several routes, and the stage's name starts with "$".
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

# ---- Stage

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttling.rate
    throttling_burst_limit   = var.throttling.burst
  }

  # The route's key replaces the path, which contains ids. Headers are left out, because they carry tokens.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id             = "$context.requestId"
      function_request_id    = "$context.integration.requestId" # request_id in the function's log
      time                   = "$context.requestTimeEpoch"
      source_ip              = "$context.identity.sourceIp"
      method                 = "$context.httpMethod"
      route                  = "$context.routeKey"
      protocol               = "$context.protocol"
      status                 = "$context.status"
      response_bytes         = "$context.responseLength"
      latency_ms             = "$context.responseLatency"
      integration_latency_ms = "$context.integrationLatency"
      integration_error      = "$context.integrationErrorMessage"
      authorizer_error       = "$context.authorizer.error"
      error                  = "$context.error.message"
    })
  }
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  # A group below /aws/vendedlogs/ needs no entry in the log delivery's resource policy, whose size is limited.
  name              = "/aws/vendedlogs/${var.name}/http-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = "api" }
}
