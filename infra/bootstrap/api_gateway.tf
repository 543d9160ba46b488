# The role with which API Gateway writes the logs of REST and WebSocket APIs. It is a setting that all APIs of the account and
# region share; without it none can have an access log.

data "aws_iam_policy_document" "api_gateway_trust" {
  statement {
    sid     = "AssumedByApiGateway"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "api_gateway_logs" {
  #checkov:skip=CKV_AWS_111: the setting serves every REST and WebSocket API of the account and region, whose log groups have any name
  # API Gateway refuses a role without any of these actions, even those that read, because it compares the role with its own
  # managed policy AmazonAPIGatewayPushToCloudWatchLogs. Unlike that policy, this one is restricted to region and account.
  statement {
    sid = "WriteLogs"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
    ]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:*"] # any group, and its streams
  }
}

resource "aws_iam_role" "api_gateway" {
  count = var.api_gateway_logs ? 1 : 0

  name               = "${var.name}-${var.region}-api-gateway-logs"
  description        = "Writes the logs of REST and WebSocket APIs in ${var.region}"
  assume_role_policy = data.aws_iam_policy_document.api_gateway_trust.json

  permissions_boundary = aws_iam_policy.service_boundary.arn
}

resource "aws_iam_role_policy" "api_gateway" {
  count = var.api_gateway_logs ? 1 : 0

  name   = "write-logs"
  role   = aws_iam_role.api_gateway[0].name
  policy = data.aws_iam_policy_document.api_gateway_logs.json
}

resource "aws_api_gateway_account" "this" {
  count = var.api_gateway_logs ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_gateway[0].arn

  # API Gateway checks the role's permissions when it receives the role.
  depends_on = [aws_iam_role_policy.api_gateway]
}
