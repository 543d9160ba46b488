# With a function that is asked first.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = aws_api_gateway_authorizer.this
  override_during = plan
  values          = { id = "auth1" }
}

variables {
  name               = "openclaw-test"
  stage_name         = "live"
  logs_kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  function           = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live", function_name = "openclaw-test-stream", alias = "live" }
  authorizer         = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-authorizer:live", function_name = "openclaw-test-authorizer", alias = "live" }
  log_retention_days = 90
  throttling         = { rate = 100, burst = 200 }
}

run "it_is_asked_first" {
  command = plan

  assert {
    condition     = aws_api_gateway_method.stream.authorization == "CUSTOM" && aws_api_gateway_method.stream.authorizer_id == "auth1"
    error_message = "no request may reach the function unasked"
  }
  assert {
    condition = (
      aws_api_gateway_authorizer.this[0].type == "REQUEST" && aws_api_gateway_authorizer.this[0].identity_source == "method.request.header.Authorization" &&
      aws_api_gateway_authorizer.this[0].authorizer_result_ttl_in_seconds == 30 &&
      aws_api_gateway_authorizer.this[0].authorizer_uri == "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-authorizer:live/invocations"
    )
    error_message = "a request without a token must be refused without an invocation, and a result kept for 30 s"
  }
  assert {
    condition     = aws_lambda_permission.authorizer[0].source_arn == "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/authorizers/auth1" && aws_lambda_permission.authorizer[0].function_name == "openclaw-test-authorizer" && aws_lambda_permission.authorizer[0].qualifier == "live"
    error_message = "only this authorizer may invoke it"
  }
  assert {
    condition     = aws_api_gateway_method.preflight[0].http_method == "OPTIONS" && aws_api_gateway_method.preflight[0].authorization == "NONE" && aws_api_gateway_integration.preflight[0].uri == aws_api_gateway_integration.stream.uri
    error_message = "a preflight request, which has no token, must reach the function"
  }
  assert {
    condition = (
      jsondecode(aws_api_gateway_gateway_response.this["UNAUTHORIZED"].response_templates["application/json"]).type == "urn:openclaw:problem:invalid-token" &&
      aws_api_gateway_gateway_response.this["UNAUTHORIZED"].status_code == "401" &&
      aws_api_gateway_gateway_response.this["UNAUTHORIZED"].response_parameters["gatewayresponse.header.WWW-Authenticate"] == "'Bearer error=\"invalid_token\"'" &&
      aws_api_gateway_gateway_response.this["UNAUTHORIZED"].response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "method.request.header.Origin"
    )
    error_message = "its 401 must be the problem document of the functions"
  }
}

run "nobody_is_asked" {
  command = plan
  variables { authorizer = null }

  assert {
    condition     = aws_api_gateway_method.stream.authorization == "NONE" && length(aws_api_gateway_authorizer.this) == 0 && length(aws_api_gateway_method.preflight) == 0
    error_message = "without such a function the one that streams must be asked at once"
  }
}
