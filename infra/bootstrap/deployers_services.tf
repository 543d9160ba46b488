# What the role that applies may do with everything but roles. Services whose resources have names are restricted to those of the
# deployments; the others to the region.

locals {
  named_resources = {
    cloudwatch     = ["arn:${local.partition}:cloudwatch:${local.here}:alarm:${var.name}-*", "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}-*"]
    dynamodb       = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.name}-*"]
    events         = [for kind in ["api-destination", "connection", "rule"] : "arn:${local.partition}:events:${local.here}:${kind}/${var.name}-*"]
    lambda         = ["arn:${local.partition}:lambda:${local.here}:function:${var.name}-*"]
    logs           = [for group in ["/${var.name}-*", "/aws/lambda/${var.name}-*", "/aws/vendedlogs/${var.name}-*", "aws-waf-logs-${var.name}-*"] : "arn:${local.partition}:logs:${local.here}:log-group:${group}"]
    s3             = ["arn:${local.partition}:s3:::${var.name}-*"]
    secretsmanager = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${var.name}-*", "arn:${local.partition}:secretsmanager:${local.here}:secret:events!connection/${var.name}-*"]
    sns            = ["arn:${local.partition}:sns:${local.here}:${var.name}-*"]
    ssm            = ["arn:${local.partition}:ssm:${local.here}:parameter/${var.name}-*", "arn:${local.partition}:ssm:${local.here}:document/${var.name}-*"]
  }

  unnamed_services = [
    "acm", "apigateway", "application-autoscaling", "autoscaling", "cognito-idp", "dlm", "ec2", "elasticloadbalancing", "wafv2",
  ]
}

data "aws_iam_policy_document" "deployer_services" {
  #checkov:skip=CKV_AWS_356: these services choose the ids of their resources; the region restricts them
  #checkov:skip=CKV_AWS_111: the same
  #checkov:skip=CKV_AWS_107: secrets are created empty; NoContents in deployers.tf refuses their values
  #checkov:skip=CKV_AWS_108: NoContents in deployers.tf refuses what could be carried off
  #checkov:skip=CKV_AWS_109: the deployer administers keys and buckets of the deployments, and not those of the bootstrap
  #checkov:skip=CKV2_AWS_40: no action of IAM is here
  dynamic "statement" {
    for_each = local.named_resources

    content {
      sid       = "Named${title(statement.key)}"
      actions   = ["${statement.key}:*"] # it creates, changes and destroys them, with all their settings
      resources = statement.value
    }
  }

  statement {
    sid       = "Unnamed"
    actions   = [for service in local.unnamed_services : "${service}:*"]
    resources = ["*"] # AWS chooses their ids

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  # An event source has no name of ours, but leads to a function of ours.
  statement {
    sid       = "EventSources"
    actions   = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"]
    resources = ["*"] # AWS chooses its id, and creating one has no resource

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = ["arn:${local.partition}:lambda:${local.here}:function:${var.name}-*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "EventSourceTags"
    actions   = ["lambda:TagResource", "lambda:UntagResource"]
    resources = ["arn:${local.partition}:lambda:${local.here}:event-source-mapping:*"] # AWS chooses its id
  }

  # Keys have no names, but the tags of the thin root (infra/versions.tf). Other keys of the account stay out of reach.
  statement {
    sid       = "OurKeys"
    actions   = ["kms:*"]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = [var.name]
    }
  }

  statement {
    sid       = "NewKeys"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"] # a key's id is not known before it exists

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Project"
      values   = [var.name]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "Aliases"
    actions   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    resources = ["arn:${local.partition}:kms:${local.here}:alias/${var.name}-*"] # all environments
  }

  # Deliveries, saved queries and resource policies of logs have no resource.
  statement {
    sid = "LogSettings"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DeleteQueryDefinition",
      "logs:DeleteResourcePolicy",
      "logs:PutQueryDefinition",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  # A service without regions.
  statement {
    sid = "Records"
    actions = [
      "route53:AssociateVPCWithHostedZone",
      "route53:ChangeResourceRecordSets",
      "route53:ChangeTagsForResource",
      "route53:CreateHostedZone",
      "route53:DeleteHostedZone",
    ]
    resources = ["arn:${local.partition}:route53:::hostedzone/*", "arn:${local.partition}:ec2:${local.here}:vpc/*"] # AWS chooses their ids
  }

  statement {
    sid       = "WriteStates"
    actions   = ["s3:PutObject"]
    resources = ["${local.state_arn}/*"] # any environment
  }

  # The bootstrap's bucket and key begin with the same name.
  statement {
    sid         = "NotTheBucketOfTheStates"
    effect      = "Deny"
    not_actions = ["s3:DeleteObject", "s3:Get*", "s3:List*", "s3:PutObject"]
    resources   = [local.state_arn, "${local.state_arn}/*"]
  }

  statement {
    sid    = "NotTheKeyOfTheStates"
    effect = "Deny"
    actions = [
      "kms:CreateGrant",
      "kms:DisableKey",
      "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion",
    ]
    resources = [aws_kms_key.state.arn]
  }
}

resource "aws_iam_policy" "deployer_services" {
  count = var.deployers == null ? 0 : 1

  name        = "${var.name}-${var.region}-deploy-services"
  description = "Creates what ${var.name} consists of, besides roles"
  policy      = data.aws_iam_policy_document.deployer_services.json
}

resource "aws_iam_role_policy_attachment" "deployer_services" {
  count = var.deployers == null ? 0 : 1

  role       = aws_iam_role.deployer["apply"].name
  policy_arn = aws_iam_policy.deployer_services[0].arn
}
