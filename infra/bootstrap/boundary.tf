# The limits of the roles of functions and hosts, whatever a role's own policy says: an action must be permitted by both. Because nothing
# here permits iam, sts, organizations or the administration of keys, no role can extend itself.

locals {
  here = "${var.region}:${local.account}"

  # In which regions models may run. AWS checks a request of an inference profile once for each region that the profile may use,
  # with that region as the requested one, and a request of a global profile also with none, which it calls unspecified.
  model_regions = concat(sort(setunion([var.region], var.bedrock_regions)), var.bedrock_global ? ["unspecified"] : [])

  # What Converse accepts besides foundation models, each in the account itself.
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
  #checkov:skip=CKV_AWS_356: each * is for actions without resource-level permissions, with the reason beside it
  #checkov:skip=CKV_AWS_111: the same; a boundary grants nothing by itself
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
    # The tables of all environments; a role's own policy names its table.
    resources = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.name}-*"]
  }

  statement {
    sid       = "NewAuditEntries"
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
    resources = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.name}-*-audit/stream/*"] # all environments; DynamoDB names a stream after its time
  }

  # The buckets of all environments, in this account, and their objects. A role's own policy names its buckets and the folders in them.
  statement {
    sid       = "AuditTrail"
    actions   = ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectTagging"]
    resources = flatten([for bucket in ["audit", "audit-contents"] : [for objects in ["", "/*"] : "arn:${local.partition}:s3:::${var.name}-*-${bucket}-${local.account}${objects}"]])
  }

  # Texts, but no entry. The second * is any text.
  statement {
    sid       = "EraseTexts"
    actions   = ["s3:DeleteObject"]
    resources = ["arn:${local.partition}:s3:::${var.name}-*-audit-contents-${local.account}/*"]
  }

  statement {
    sid     = "Models"
    actions = ["bedrock:CountTokens", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    # All models; a role's own policy names its models. The condition restricts the regions, because an ARN for each kind of model
    # in each region would exceed the 6144 characters of a policy with eight regions.
    resources = concat(
      ["arn:${local.partition}:bedrock:*::foundation-model/*"],
      [for kind in local.model_kinds : "arn:${local.partition}:bedrock:*:${local.account}:${kind}/*"],
    )

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = local.model_regions
    }
  }

  statement {
    sid       = "Guardrails"
    actions   = ["bedrock:ApplyGuardrail"]
    resources = ["arn:${local.partition}:bedrock:${local.here}:guardrail/*"] # a role's own policy names its guardrails
  }

  statement {
    sid       = "ListModels"
    actions   = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"]
    resources = ["*"] # listing has no resource

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
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"] # a key's id is not known before it exists
  }

  statement {
    sid       = "Functions"
    actions   = ["lambda:InvokeFunction"]
    resources = ["arn:${local.partition}:lambda:${local.here}:function:${var.name}-*:live"] # as for the table; only through the alias
  }

  # Only what variables_actions.tf names, because actions lead out of the product.
  dynamic "statement" {
    for_each = local.action_statements
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }

  statement {
    sid       = "Connections"
    actions   = ["execute-api:ManageConnections"]
    resources = ["arn:${local.partition}:execute-api:${local.here}:*/live/POST/@connections/*"] # an API's id is not known before it exists
  }

  statement {
    sid     = "Logs"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    # As for the table; the second * is the stream, one per execution environment.
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${var.name}-*:*"]
  }

  statement {
    sid       = "Traces"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"] # X-Ray has no resources for them

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
    resources = ["*"] # describing has no resource, and Lambda chooses the ids of the interfaces

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }

    # Lambda itself calls them with the role. Requests of code in the function carry this key and are refused.
    condition {
      test     = "Null"
      variable = "lambda:SourceFunctionArn"
      values   = ["true"]
    }
  }
}

resource "aws_iam_policy" "function_boundary" {
  name        = "${var.name}-${var.region}-boundary"
  description = "Limits of every function of ${var.name}"
  policy      = data.aws_iam_policy_document.function_boundary.json
}

data "aws_iam_policy_document" "host_boundary" {
  #checkov:skip=CKV_AWS_356: each * is for actions without resource-level permissions, with the reason beside it
  #checkov:skip=CKV_AWS_111: the same; a boundary grants nothing by itself
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    resources = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${var.name}-*"] # all environments
  }

  statement {
    sid       = "PublishAuthority"
    actions   = ["ssm:PutParameter"]
    resources = ["arn:${local.partition}:ssm:${local.here}:parameter/${var.name}-*"] # all environments
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
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/${var.name}-*:*"] # all environments, any stream
  }

  statement {
    sid       = "FindLogGroup"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:*"] # AWS lists all groups or none
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # metrics have no resource; the namespace restricts them

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["OpenClaw/Ollama"]
    }
  }
}

resource "aws_iam_policy" "host_boundary" {
  name        = "${var.name}-${var.region}-host-boundary"
  description = "Limits of every Ollama host of ${var.name}"
  policy      = data.aws_iam_policy_document.host_boundary.json
}
