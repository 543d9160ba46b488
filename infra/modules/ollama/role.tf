locals {
  role_name = "${var.name}-ollama"
  # Known before the role, for policies that name it.
  role_arn = "arn:${local.partition}:iam::${local.account}:role/${local.role_name}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    # EC2 sets no aws:SourceArn or aws:SourceAccount here. Who may hand the role to an instance is limited by iam:PassRole.
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "host" {
  name                 = local.role_name
  description          = "The Ollama host of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn

  # Said here as well as in default_tags: the token's secret opens only for roles of its environment.
  tags = { Environment = var.environment }
}

resource "aws_iam_instance_profile" "host" {
  name = local.role_name
  role = aws_iam_role.host.name
}

data "aws_iam_policy_document" "host" {
  #checkov:skip=CKV_AWS_356:Each * stands for actions without resource-level permissions, and each has its reason beside it.
  #checkov:skip=CKV_AWS_111:The same.
  statement {
    sid       = "ReadToken"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.token_secret_arn]
  }

  statement {
    sid       = "KeepAuthority"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    resources = [aws_secretsmanager_secret.authority.arn]
  }

  statement {
    sid       = "SecretsKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.${local.suffix}"]
    }
  }

  statement {
    sid       = "PublishAuthority"
    actions   = ["ssm:PutParameter"]
    resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:parameter${local.parameter_name}"]
  }

  statement {
    sid       = "OwnName"
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = ["arn:${local.partition}:route53:::hostedzone/${aws_route53_zone.this.zone_id}"]

    dynamic "condition" {
      for_each = {
        NormalizedRecordNames = local.host_name
        RecordTypes           = "A"
        Actions               = "UPSERT"
      }

      content {
        test     = "ForAllValues:StringEquals"
        variable = "route53:ChangeResourceRecordSets${condition.key}"
        values   = [condition.value]
      }
    }
  }

  statement {
    sid       = "Managed"
    actions   = ["ssm:UpdateInstanceInformation"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account}:instance/*"] # the id is not known before the instance, and EC2 sends no key that would name it
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
  }

  statement {
    sid       = "SessionLogs"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${local.session_log_group_arn}:*"] # a stream a session
  }

  statement {
    sid       = "FindSessionLogs"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"] # listing is over all groups
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # metrics have no resource; the namespace limits it

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [local.namespace]
    }
  }
}

resource "aws_iam_role_policy" "host" {
  name   = "host"
  role   = aws_iam_role.host.id
  policy = data.aws_iam_policy_document.host.json
}
