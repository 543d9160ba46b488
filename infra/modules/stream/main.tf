# A REST API for one route, because nothing else in front of Lambda forwards an answer while it is being written: the load
# balancer and the HTTP API wait for its end. A stream lasts up to 15 minutes, with at most 5 of silence, and is slowed down
# after 10 MB ("Stream the integration response for your proxy integrations" in the API Gateway Developer Guide).
data "aws_partition" "current" {}
data "aws_region" "current" {}

resource "aws_api_gateway_rest_api" "this" {
  name        = "${var.name}-stream"
  description = "Streamed answers of ${var.name}"

  # Requests carry bearer tokens, so nothing older than TLS 1.2. STRICT also requires the API's name in the handshake.
  security_policy      = "SecurityPolicy_TLS13_1_2_2021_06"
  endpoint_access_mode = "STRICT"

  # With a name of its own the API must not be reachable by a second one.
  disable_execute_api_endpoint = !var.default_endpoint

  endpoint_configuration {
    types           = ["REGIONAL"] # an edge-optimized endpoint ends a stream after 30 s of silence
    ip_address_type = var.ipv6 ? "dualstack" : "ipv4"
  }

  tags = { Component = "stream" }

  lifecycle {
    create_before_destroy = true
  }
}

# ---- POST /v1/agent/{agent_name}/stream

locals {
  timeout_ms = 900000 # the longest that Lambda and API Gateway permit

  # Lambda's streaming invocation has a path of its own.
  integration_uri = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.region}:lambda:path/2021-11-15/functions/${var.function.arn}/response-streaming-invocations"
}

resource "aws_api_gateway_resource" "v1" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "v1"
}

resource "aws_api_gateway_resource" "agent" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.v1.id
  path_part   = "agent"
}

resource "aws_api_gateway_resource" "agent_name" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.agent.id
  path_part   = "{agent_name}"
}

resource "aws_api_gateway_resource" "stream" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.agent_name.id
  path_part   = "stream"
}

# Any method, because the function answers preflight requests, and wrong methods with 405.
resource "aws_api_gateway_method" "stream" {
  #checkov:skip=CKV_AWS_59: the function verifies tokens; an authorizer of Cognito accepts either access or id tokens, the gateway both
  #checkov:skip=CKV2_AWS_53: the function checks bodies and reports every fault
  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.stream.id
  http_method   = "ANY"
  authorization = var.authorizer == null ? "NONE" : "CUSTOM"
  authorizer_id = one(aws_api_gateway_authorizer.this[*].id)
}

resource "aws_api_gateway_integration" "stream" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.stream.id
  http_method             = aws_api_gateway_method.stream.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = local.integration_uri
  response_transfer_mode  = "STREAM"
  timeout_milliseconds    = local.timeout_ms
}

resource "aws_lambda_permission" "this" {
  statement_id  = "${var.name}-stream-api"
  action        = "lambda:InvokeFunction" # for streaming invocations too
  principal     = "apigateway.amazonaws.com"
  function_name = var.function.function_name
  qualifier     = var.function.alias

  # This API, stage and path only. The first * is the method, the second the agent's name.
  source_arn = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/*/v1/agent/*/stream"
}

# ---- Errors that API Gateway answers itself: problem documents, like those of the functions

locals {
  own_answers = {
    # What API Gateway calls an unknown path.
    MISSING_AUTHENTICATION_TOKEN = {
      status  = "404"
      type    = "urn:openclaw:problem:not-found"
      title   = "Not found"
      detail  = jsonencode("this path does not exist; streams are at /v1/agent/{agent_name}/stream")
      headers = {}
    }
    # No token, or one that the authorizer does not accept.
    UNAUTHORIZED = {
      status = "401"
      type   = "urn:openclaw:problem:invalid-token"
      title  = "A valid token is required"
      detail = jsonencode("the header Authorization must carry a valid token: Bearer TOKEN")
      headers = {
        WWW-Authenticate = "'Bearer error=\"invalid_token\"'"
        # A page of any origin may read it, because it says nothing else: without it a page could not see that its token has expired.
        Access-Control-Allow-Origin   = "method.request.header.Origin"
        Access-Control-Expose-Headers = "'WWW-Authenticate, x-request-id'"
        Vary                          = "'Origin'"
      }
    }
    # The authorizer cannot verify the token, or does not run.
    AUTHORIZER_FAILURE = {
      status  = "503"
      type    = "urn:openclaw:problem:unavailable"
      title   = "Temporarily unavailable"
      detail  = jsonencode("the token cannot be verified at the moment; try again")
      headers = { Retry-After = "'1'", Access-Control-Allow-Origin = "method.request.header.Origin", Vary = "'Origin'" }
    }
    THROTTLED = {
      status  = "429"
      type    = "about:blank"
      title   = "Too Many Requests"
      detail  = jsonencode("the API receives more requests than it accepts; try again later")
      headers = { Retry-After = "'1'" }
    }
    # Every other error keeps its status.
    DEFAULT_4XX = { status = null, type = "about:blank", title = "Refused", detail = "$context.error.messageString", headers = {} }
    DEFAULT_5XX = { status = null, type = "about:blank", title = "Failed", detail = "$context.error.messageString", headers = {} }
  }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.own_answers

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = each.value.status

  response_templates = {
    # detail is already JSON, because API Gateway puts its messages between quotation marks.
    "application/json" = "{\"type\":\"${each.value.type}\",\"title\":\"${each.value.title}\",\"detail\":${each.value.detail},\"instance\":\"$context.requestId\"}"
  }
  response_parameters = {
    for name, value in merge({ Cache-Control = "'no-store'", Content-Type = "'application/problem+json'", x-request-id = "context.requestId" }, each.value.headers) :
    "gatewayresponse.header.${name}" => value
  }
}

# ---- Who can reach it

data "aws_iam_policy_document" "access" {
  count = var.allowed_cidrs == null ? 0 : 1

  #checkov:skip=CKV_AWS_283: a condition restricts everybody to addresses, and to nobody when there are none
  statement {
    sid       = "OnlyAllowedAddresses"
    effect    = length(var.allowed_cidrs) == 0 ? "Deny" : "Allow"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.this.execution_arn}/*"] # every method and path of this API

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    dynamic "condition" {
      for_each = length(var.allowed_cidrs) == 0 ? [] : [var.allowed_cidrs]

      content {
        test     = "IpAddress"
        variable = "aws:SourceIp"
        values   = condition.value
      }
    }
  }
}

resource "aws_api_gateway_rest_api_policy" "this" {
  count = var.allowed_cidrs == null ? 0 : 1

  rest_api_id = aws_api_gateway_rest_api.this.id
  policy      = data.aws_iam_policy_document.access[0].json
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.firewall == null ? 0 : 1

  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = var.firewall.arn
}
