data "aws_iam_policy_document" "trust" {
  # Without aws:SourceAccount, because Lambda does not promise to send it when it assumes a role. It accepts only roles of
  # the function's own account, which need iam:PassRole.
  statement {
    sid     = "AssumedByLambda"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = local.function_name
  description          = "Permissions of the function ${local.function_name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn

  # A secret can be read only by roles that carry its environment.
  tags = { Environment = var.environment }
}

resource "aws_iam_role_policy" "this" {
  name   = "calls"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.calls.json
}

data "aws_iam_policy_document" "calls" {
  #checkov:skip=CKV_AWS_111: network interfaces do not exist yet when the permission to create them is given; see NetworkInterfaces
  #checkov:skip=CKV_AWS_356: EC2 has no resources for these actions; callers' wildcards carry a reason

  # The group exists already, so the role must not create one. The * is the stream's name, which Lambda chooses.
  statement {
    sid       = "WriteOwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:*"]
  }

  # Each wildcard has its wildcard_reason where the statement is declared.
  dynamic "statement" {
    for_each = var.policy_statements
    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }

  # X-Ray has no resources for these actions.
  dynamic "statement" {
    for_each = var.tracing == "Active" ? [true] : []
    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
    }
  }

  # Lambda creates the function's network interfaces with the function's role. The * is needed because the interfaces do
  # not exist yet, and because EC2 cannot restrict the describing actions.
  dynamic "statement" {
    for_each = var.vpc == null ? [] : [local.interface_actions]
    content {
      sid       = "NetworkInterfaces"
      actions   = statement.value
      resources = ["*"]
    }
  }

  # Only Lambda may use these permissions, not the function's code. The * means any interface.
  dynamic "statement" {
    for_each = var.vpc == null ? [] : [local.interface_actions]
    content {
      sid       = "NoInterfacesFromCode"
      effect    = "Deny"
      actions   = statement.value
      resources = ["*"]

      condition {
        test     = "ArnEquals"
        variable = "lambda:SourceFunctionArn"
        values   = [local.function_arn]
      }
    }
  }
}

locals {
  interface_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]
}
