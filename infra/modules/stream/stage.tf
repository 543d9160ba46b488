# A deployment is a snapshot of the API. A change that is not among its triggers takes effect only with the next deployment.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    definition = sha256(jsonencode([
      aws_api_gateway_resource.stream.id,
      aws_api_gateway_method.stream.authorization,
      aws_api_gateway_authorizer.this[*].id,
      aws_api_gateway_integration.preflight[*].uri,
      aws_api_gateway_integration.stream.response_transfer_mode,
      aws_api_gateway_integration.stream.timeout_milliseconds,
      aws_api_gateway_integration.stream.uri,
      aws_api_gateway_rest_api.this.disable_execute_api_endpoint,
      aws_api_gateway_rest_api.this.endpoint_access_mode,
      aws_api_gateway_rest_api.this.security_policy,
      local.own_answers,
      var.allowed_cidrs,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_gateway_response.this, aws_api_gateway_rest_api_policy.this]
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_73: tracing is a variable; by default a request is traced only if its caller asks for it
  #checkov:skip=CKV_AWS_120: an answer belongs to one caller, and a stream cannot be cached
  #checkov:skip=CKV2_AWS_4: execution logs would contain prompts and tokens; the access log records each answer
  #checkov:skip=CKV2_AWS_29: the load balancer's firewall protects this API too; beside an HTTP API, which cannot have one, neither does
  #checkov:skip=CKV2_AWS_77: that firewall contains the group against Log4j (modules/edge/waf.tf)
  #checkov:skip=CKV2_AWS_51: callers are people and programs with tokens, which have no certificates
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = var.stage_name

  xray_tracing_enabled = var.tracing

  # The resource replaces the path, which contains ids. Headers are left out, because they carry tokens.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id          = "$context.requestId"
      function_request_id = "$context.integration.requestId" # request_id in the function's log
      time                = "$context.requestTimeEpoch"
      source_ip           = "$context.identity.sourceIp"
      method              = "$context.httpMethod"
      route               = "$context.resourcePath"
      protocol            = "$context.protocol"
      tls                 = "$context.tlsVersion"
      status              = "$context.status"
      response_bytes      = "$context.responseLength"
      first_content_ms    = "$context.integration.timeToFirstContent"
      latency_ms          = "$context.responseLatency" # until the stream's end
      integration_error   = "$context.integrationErrorMessage"
      firewall            = "$context.wafResponseCode"
      error               = "$context.error.message"
    })
  }

  tags = { Component = "stream" }
}

resource "aws_api_gateway_method_settings" "this" {
  #checkov:skip=CKV_AWS_225: an answer belongs to one caller, and a stream cannot be cached
  #checkov:skip=CKV_AWS_308: nothing is cached
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.throttling.rate
    throttling_burst_limit = var.throttling.burst
    logging_level          = "OFF" # execution logs would contain prompts and tokens
    data_trace_enabled     = false
    caching_enabled        = false
  }
}

# API Gateway writes it with the role that the bootstrap sets for the account.
resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  name              = "/${var.name}/stream-api"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = "stream" }
}
