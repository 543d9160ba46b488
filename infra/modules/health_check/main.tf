# Asks an API once a minute whether it is alive, from outside, as a client does. EventBridge sends the request; whether it arrives
# shows in the invocations of the function behind it, on whose silence an alarm waits (modules/observability).
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  full_name = "${var.name}-health-check"
}

# A connection must have a credential. The API ignores this header, whose value is not a secret.
resource "aws_cloudwatch_event_connection" "this" {
  name               = local.full_name
  description        = "Health checks of ${var.name}, which need no token"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-health-check"
      value = "eventbridge"
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "this" {
  name                             = local.full_name
  description                      = "Health of ${var.name}"
  connection_arn                   = aws_cloudwatch_event_connection.this.arn
  http_method                      = "GET"
  invocation_endpoint              = var.url
  invocation_rate_limit_per_second = 1
}

resource "aws_cloudwatch_event_rule" "this" {
  name                = local.full_name
  description         = "Asks ${var.name} once a minute whether it is alive"
  schedule_expression = "rate(1 minute)"
}

# Without retries, which would hide that one request has failed.
resource "aws_cloudwatch_event_target" "this" {
  rule     = aws_cloudwatch_event_rule.this.name
  arn      = aws_cloudwatch_event_api_destination.this.arn
  role_arn = aws_iam_role.this.arn

  retry_policy {
    maximum_retry_attempts       = 0
    maximum_event_age_in_seconds = 60
  }
}

# ---- The role with which EventBridge sends it

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "AssumedByTheRule"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.full_name}"]
    }
  }
}

data "aws_iam_policy_document" "send" {
  statement {
    sid       = "SendToTheApi"
    actions   = ["events:InvokeApiDestination"]
    resources = [aws_cloudwatch_event_api_destination.this.arn]
  }
}

resource "aws_iam_role" "this" {
  name               = local.full_name
  description        = "Health checks of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "send"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.send.json
}
