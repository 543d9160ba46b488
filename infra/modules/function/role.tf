data "aws_iam_policy_document" "trust" {
  # No aws:SourceAccount here: Lambda does not promise to send it when it assumes a role, and takes only roles of the
  # function's own account, which need iam:PassRole.
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
  description          = "What the function ${local.function_name} may do"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn

  # Secrets of one environment are closed to roles of another.
  tags = { Environment = var.environment }
}

resource "aws_iam_role_policy" "this" {
  name   = "calls"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.calls.json
}

data "aws_iam_policy_document" "calls" {
  #checkov:skip=CKV_AWS_111:Network interfaces do not exist yet when the right to create them is given; see NetworkInterfaces
  #checkov:skip=CKV_AWS_356:EC2 and X-Ray know no resources for these actions; callers' wildcards carry a reason

  # The group exists already, so the role may not create one. The * is the stream's name, which Lambda chooses.
  statement {
    sid       = "WriteOwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:*"]
  }

  # Each of these has its wildcard_reason where the function is declared.
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

  # Lambda makes the function's interfaces under the function's role. The * is Lambda's demand: the interfaces do not
  # exist yet, and EC2 describes all or none.
  dynamic "statement" {
    for_each = var.vpc == null ? [] : [local.interface_actions]
    content {
      sid       = "NetworkInterfaces"
      actions   = statement.value
      resources = ["*"]
    }
  }

  # What Lambda may do with the role, the code in the function may not. Any interface is meant, hence the *.
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

  # X-Ray has no resources for these, hence the *.
  dynamic "statement" {
    for_each = var.tracing_mode == "Active" ? [true] : []
    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
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
