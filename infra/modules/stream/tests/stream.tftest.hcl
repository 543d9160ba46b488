mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name               = "openclaw-test"
  stage_name         = "live"
  logs_kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  function           = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live", function_name = "openclaw-test-stream", alias = "live" }
  log_retention_days = 90
  throttling         = { rate = 100, burst = 200 }
}

run "by_default" {
  command = plan

  assert {
    condition = (
      aws_api_gateway_integration.stream.type == "AWS_PROXY" && aws_api_gateway_integration.stream.integration_http_method == "POST" &&
      aws_api_gateway_integration.stream.response_transfer_mode == "STREAM" && aws_api_gateway_integration.stream.timeout_milliseconds == 900000
    )
    error_message = "the answer must be streamed, for up to 15 minutes"
  }
  assert {
    condition     = aws_api_gateway_integration.stream.uri == "arn:aws:apigateway:eu-central-1:lambda:path/2021-11-15/functions/${var.function.arn}/response-streaming-invocations"
    error_message = "the function must be invoked by the streaming invocation of its alias"
  }
  assert {
    condition = [
      for resource in [aws_api_gateway_resource.v1, aws_api_gateway_resource.agent, aws_api_gateway_resource.agent_name, aws_api_gateway_resource.stream] :
      resource.path_part
    ] == ["v1", "agent", "{agent_name}", "stream"]
    error_message = "the path must be /v1/agent/{agent_name}/stream"
  }
  assert {
    condition = [
      for resource in [aws_api_gateway_resource.v1, aws_api_gateway_resource.agent, aws_api_gateway_resource.agent_name, aws_api_gateway_resource.stream] :
      resource.parent_id
    ] == [aws_api_gateway_rest_api.this.root_resource_id, aws_api_gateway_resource.v1.id, aws_api_gateway_resource.agent.id, aws_api_gateway_resource.agent_name.id]
    error_message = "each resource must be below the one before it"
  }
  assert {
    condition = (
      aws_api_gateway_method.stream.http_method == "ANY" && aws_api_gateway_method.stream.authorization == "NONE" &&
      aws_api_gateway_method.stream.resource_id == aws_api_gateway_resource.stream.id && aws_api_gateway_integration.stream.resource_id == aws_api_gateway_resource.stream.id
    )
    error_message = "every method must reach the function, including OPTIONS, with its token"
  }
  assert {
    condition = (
      aws_lambda_permission.this.source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/live/*/v1/agent/*/stream" &&
      aws_lambda_permission.this.principal == "apigateway.amazonaws.com" && aws_lambda_permission.this.action == "lambda:InvokeFunction" &&
      aws_lambda_permission.this.function_name == "openclaw-test-stream" && aws_lambda_permission.this.qualifier == "live"
    )
    error_message = "only this API, stage and path may invoke the alias"
  }
  assert {
    condition     = aws_api_gateway_rest_api.this.security_policy == "SecurityPolicy_TLS13_1_2_2021_06" && aws_api_gateway_rest_api.this.endpoint_access_mode == "STRICT"
    error_message = "nothing older than TLS 1.2 may be accepted"
  }
  assert {
    condition = (
      one(aws_api_gateway_rest_api.this.endpoint_configuration).types == tolist(["REGIONAL"]) && one(aws_api_gateway_rest_api.this.endpoint_configuration).ip_address_type == "ipv4"
    )
    error_message = "the API must be regional, and use IPv4 and IPv6"
  }
  assert {
    condition     = output.base_url == "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/live" && output.api_name == "openclaw-test-stream"
    error_message = "the base URL must contain the stage"
  }
  assert {
    condition = alltrue([for type, answer in aws_api_gateway_gateway_response.this : alltrue([
      # API Gateway puts a string between quotation marks here.
      for member in ["type", "title", "detail", "instance"] :
      can(jsondecode(replace(answer.response_templates["application/json"], "$context.error.messageString", "\"\""))[member])
    ])])
    error_message = "errors must be JSON with type, title, detail and the request's id"
  }
  assert {
    condition = alltrue([for answer in aws_api_gateway_gateway_response.this :
      answer.response_parameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'" &&
      answer.response_parameters["gatewayresponse.header.Cache-Control"] == "'no-store'" &&
      answer.response_parameters["gatewayresponse.header.x-request-id"] == "context.requestId"
    ])
    error_message = "errors must have the headers of every answer"
  }
  assert {
    condition     = jsonencode({ for type, answer in aws_api_gateway_gateway_response.this : type => answer.status_code }) == jsonencode({ AUTHORIZER_FAILURE = "503", DEFAULT_4XX = null, DEFAULT_5XX = null, MISSING_AUTHENTICATION_TOKEN = "404", THROTTLED = "429", UNAUTHORIZED = "401" })
    error_message = "an unknown path must be 404 and throttling 429, and any other error keep its status"
  }
  assert {
    condition     = jsondecode(aws_api_gateway_gateway_response.this["MISSING_AUTHENTICATION_TOKEN"].response_templates["application/json"]).type == "urn:openclaw:problem:not-found"
    error_message = "an unknown path must have the type that the functions use"
  }
  assert {
    condition     = aws_api_gateway_gateway_response.this["THROTTLED"].response_parameters["gatewayresponse.header.Retry-After"] == "'1'"
    error_message = "a throttled client must learn when to retry"
  }
  assert {
    condition     = length(aws_api_gateway_rest_api_policy.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0
    error_message = "there must be no policy without allowed_cidrs, and no association without a firewall"
  }
  assert {
    condition     = one(aws_api_gateway_stage.this.access_log_settings).destination_arn == aws_cloudwatch_log_group.access.arn && aws_cloudwatch_log_group.access.retention_in_days == 90 && aws_cloudwatch_log_group.access.kms_key_id == var.logs_kms_key_arn
    error_message = "the access log must be kept for 90 days and encrypted with our key"
  }
  assert {
    # The key's policy lets CloudWatch Logs use it for the deployment's groups only (modules/keys).
    condition     = startswith(aws_cloudwatch_log_group.access.name, "/openclaw-test/")
    error_message = "the log group must have the deployment's prefix, for which the key may be used"
  }
  assert {
    condition = alltrue([for field in ["request_id", "status", "route", "first_content_ms", "latency_ms"] :
      can(jsondecode(one(aws_api_gateway_stage.this.access_log_settings).format)[field])
    ])
    error_message = "the access log must be JSON that shows each request, its status and the time to its first byte"
  }
  assert {
    condition     = jsondecode(one(aws_api_gateway_stage.this.access_log_settings).format).function_request_id == "$context.integration.requestId"
    error_message = "the access log must have the id under which the function logs the request, so that address and caller can be joined"
  }
  assert {
    condition     = !can(regex("(?i)header|userAgent|claims|context\\.path|querystring", one(aws_api_gateway_stage.this.access_log_settings).format))
    error_message = "the access log must contain no header, claim, path or query"
  }
  assert {
    condition     = aws_api_gateway_stage.this.deployment_id == aws_api_gateway_deployment.this.id && length(aws_api_gateway_deployment.this.triggers.definition) == 64
    error_message = "the stage must serve the deployment, which is replaced when the API changes"
  }
}

run "addresses_are_allowed" {
  command = plan
  variables {
    allowed_cidrs = ["192.0.2.0/24", "2001:db8::/48"]
    firewall      = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/openclaw-test/1" }
  }

  assert {
    condition = (
      length(data.aws_iam_policy_document.access[0].statement) == 1 && data.aws_iam_policy_document.access[0].statement[0].effect == "Allow" &&
      data.aws_iam_policy_document.access[0].statement[0].resources == toset(["arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/*"]) &&
      one(data.aws_iam_policy_document.access[0].statement[0].condition).test == "IpAddress" && one(data.aws_iam_policy_document.access[0].statement[0].condition).variable == "aws:SourceIp" &&
      toset(one(data.aws_iam_policy_document.access[0].statement[0].condition).values) == toset(var.allowed_cidrs)
    )
    error_message = "exactly these addresses must be permitted"
  }
  assert {
    condition     = aws_api_gateway_rest_api_policy.this[0].rest_api_id == aws_api_gateway_rest_api.this.id
    error_message = "the policy must be the API's"
  }
  assert {
    condition     = aws_wafv2_web_acl_association.this[0].resource_arn == aws_api_gateway_stage.this.arn && aws_wafv2_web_acl_association.this[0].web_acl_arn == var.firewall.arn
    error_message = "the firewall must protect the stage"
  }
}

run "no_address_is_allowed" {
  command = plan
  variables { allowed_cidrs = [] }

  assert {
    condition = (
      length(data.aws_iam_policy_document.access[0].statement) == 1 && data.aws_iam_policy_document.access[0].statement[0].effect == "Deny" &&
      length(data.aws_iam_policy_document.access[0].statement[0].condition) == 0
    )
    error_message = "an empty list must admit nobody"
  }
}

run "throttling_and_metrics" {
  command = plan
  variables { throttling = { rate = 5, burst = 7 } }

  assert {
    condition = (
      aws_api_gateway_method_settings.this.method_path == "*/*" && one(aws_api_gateway_method_settings.this.settings).throttling_rate_limit == 5 &&
      one(aws_api_gateway_method_settings.this.settings).throttling_burst_limit == 7 && one(aws_api_gateway_method_settings.this.settings).metrics_enabled
    )
    error_message = "throttling must be as given for every method, with metrics"
  }
  assert {
    condition     = one(aws_api_gateway_method_settings.this.settings).logging_level == "OFF" && !one(aws_api_gateway_method_settings.this.settings).data_trace_enabled && !one(aws_api_gateway_method_settings.this.settings).caching_enabled
    error_message = "neither prompts nor answers may be logged or cached"
  }
}

run "wrong_values" {
  command = plan
  variables {
    function      = { arn = "openclaw-test-stream", function_name = "openclaw-test-stream", alias = "live" }
    stage_name    = "$default"
    allowed_cidrs = ["everybody"]
  }
  expect_failures = [var.function, var.stage_name, var.allowed_cidrs]
}

run "over_ipv6_when_asked" {
  command = plan
  variables { ipv6 = true }

  assert {
    condition     = one(aws_api_gateway_rest_api.this.endpoint_configuration).ip_address_type == "dualstack"
    error_message = "the API must have IPv6 addresses"
  }
}

run "traces_when_asked" {
  command = plan
  variables { tracing = true }

  assert {
    condition     = aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "the API must sample requests"
  }
}

run "by_its_own_name_alone" {
  command = plan
  variables { default_endpoint = false }

  assert {
    condition     = aws_api_gateway_rest_api.this.disable_execute_api_endpoint && output.base_url == null
    error_message = "the API must not be reachable by a second name"
  }
}
