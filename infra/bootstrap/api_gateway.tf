# The role with which API Gateway writes the logs of REST and WebSocket APIs: a setting of the account and region, which all
# of them share. Without it none can have an access log.

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
  #checkov:skip=CKV_AWS_111:The setting serves every REST and WebSocket API of the account and region, whose log groups have any name.
  # API Gateway refuses a role that lacks one of these, the reading ones too: it checks the role for what its own managed
  # policy AmazonAPIGatewayPushToCloudWatchLogs has. That one knows no region and no account; this one does.
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

  # API Gateway tries the role's rights when it is given the role.
  depends_on = [aws_iam_role_policy.api_gateway]
}
