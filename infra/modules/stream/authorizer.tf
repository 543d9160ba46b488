# An authorizer that is cheaper than the function that streams: API Gateway refuses requests without the header Authorization itself,
# and asks for the others once in 30 seconds. Preflight requests carry no token, so they have a method of their own without it.

locals {
  authorizer_count = var.authorizer == null ? 0 : 1
}

resource "aws_api_gateway_authorizer" "this" {
  count = local.authorizer_count

  name        = "${var.name}-stream"
  rest_api_id = aws_api_gateway_rest_api.this.id
  type        = "REQUEST"

  # A request without it is answered with 401, without an invocation. The result is kept under its value.
  identity_source                  = "method.request.header.Authorization"
  authorizer_result_ttl_in_seconds = 30
  authorizer_uri                   = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path/2015-03-31/functions/${var.authorizer.arn}/invocations"
}

resource "aws_lambda_permission" "authorizer" {
  count = local.authorizer_count

  statement_id  = "${var.name}-stream-api-authorizer"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = var.authorizer.function_name
  qualifier     = var.authorizer.alias
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/authorizers/${aws_api_gateway_authorizer.this[0].id}"
}

resource "aws_api_gateway_method" "preflight" {
  #checkov:skip=CKV_AWS_59: browsers send no token with a preflight request; the function answers it
  #checkov:skip=CKV2_AWS_53: such a request has no body
  count = local.authorizer_count

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.stream.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  count = local.authorizer_count

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.stream.id
  http_method             = aws_api_gateway_method.preflight[0].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = local.integration_uri
  response_transfer_mode  = "STREAM"
  timeout_milliseconds    = local.timeout_ms
}
