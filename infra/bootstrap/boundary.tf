# What no role of the gateway may ever do, whatever its own policy says. A permission needs both: the role's policy and
# its boundary. Nothing here names iam, sts, organizations or kms administration, so no role can widen itself.

locals {
  here    = "${var.region}:${local.account}"
  regions = setunion([var.region], var.bedrock_regions)

  # What Converse takes beside foundation models, each of the account's own.
  model_kinds = [
    "application-inference-profile",
    "custom-model-deployment",
    "default-prompt-router",
    "imported-model",
    "inference-profile",
    "prompt-router",
    "provisioned-model",
  ]
}

data "aws_iam_policy_document" "function_boundary" {
  #checkov:skip=CKV_AWS_356:Each * stands for actions without resource-level permissions, and each has its reason beside it.
  #checkov:skip=CKV_AWS_111:The same; a boundary grants nothing by itself.
  statement {
    sid = "Table"
    actions = [
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    # Every table of every environment; the role's own policy names its one.
    resources = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.name}-*"]
  }

  statement {
    sid     = "Models"
    actions = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    # Every model of the allowed regions; the role's own policy names its few.
    resources = concat(
      flatten([for region in local.regions : concat(
        ["arn:${local.partition}:bedrock:${region}::foundation-model/*"],
        [for kind in local.model_kinds : "arn:${local.partition}:bedrock:${region}:${local.account}:${kind}/*"],
      )]),
      var.bedrock_global ? ["arn:${local.partition}:bedrock:::foundation-model/*"] : [],
    )
  }

  statement {
    sid       = "ListModels"
    actions   = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
    resources = ["*"] # lists have no resource

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${var.name}-*"] # as for the table
  }

  statement {
    sid       = "Parameters"
    actions   = ["ssm:GetParameters"]
    resources = ["arn:${local.partition}:ssm:${local.here}:parameter/${var.name}-*"] # as for the table
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"] # a key's id is not known before it exists
  }

  statement {
    sid       = "Functions"
    actions   = ["lambda:InvokeFunction"]
    resources = ["arn:${local.partition}:lambda:${local.here}:function:${var.name}-*:live"] # as for the table; what the alias serves
  }

  statement {
    sid       = "Connections"
    actions   = ["execute-api:ManageConnections"]
    resources = ["arn:${local.partition}:execute-api:${local.here}:*/live/POST/@connections/*"] # an API's id is not known before it exists
  }

  statement {
    sid     = "Logs"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    # As for the table; the second * is the stream, one an execution environment.
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${var.name}-*:*"]
  }

  statement {
    sid       = "Traces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"] # X-Ray has no resource for them

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid = "NetworkInterfaces"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"] # describing has no resource, and Lambda makes the interfaces under names of its own

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }

    # Lambda itself calls them with the role; code in the function carries this key and is refused.
    condition {
      test     = "Null"
      variable = "lambda:SourceFunctionArn"
      values   = ["true"]
    }
  }
}

resource "aws_iam_policy" "function_boundary" {
  name        = "${var.name}-${var.region}-boundary"
  description = "What no function of ${var.name} may ever exceed"
  policy      = data.aws_iam_policy_document.function_boundary.json
}

data "aws_iam_policy_document" "host_boundary" {
  #checkov:skip=CKV_AWS_356:Each * stands for actions without resource-level permissions, and each has its reason beside it.
  #checkov:skip=CKV_AWS_111:The same; a boundary grants nothing by itself.
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    resources = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${var.name}-*"] # every environment
  }

  statement {
    sid       = "PublishAuthority"
    actions   = ["ssm:PutParameter"]
    resources = ["arn:${local.partition}:ssm:${local.here}:parameter/${var.name}-*"] # every environment
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"] # a key's id is not known before it exists
  }

  statement {
    sid       = "OwnName"
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = ["arn:${local.partition}:route53:::hostedzone/*"] # a zone's id is not known before it exists

    condition {
      test     = "ForAllValues:StringLike"
      variable = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
      values   = ["ollama.${var.name}-*.internal"]
    }
  }

  statement {
    sid       = "Managed"
    actions   = ["ssm:UpdateInstanceInformation"]
    resources = ["arn:${local.partition}:ec2:${local.here}:instance/*"] # an instance's id is not known before it exists
  }

  statement {
    sid = "SessionChannels"
    actions = [
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]
    resources = ["*"] # the service has no resources

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/${var.name}-*:*"] # every environment, any stream
  }

  statement {
    sid       = "FindLogGroup"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:*"] # listing is over all groups
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # metrics have no resource; the namespace limits it

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["OpenClaw/Ollama"]
    }
  }
}

resource "aws_iam_policy" "host_boundary" {
  name        = "${var.name}-${var.region}-host-boundary"
  description = "What no Ollama host of ${var.name} may ever exceed"
  policy      = data.aws_iam_policy_document.host_boundary.json
}
