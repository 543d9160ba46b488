locals {
  role_name = "${var.name}-ollama"
  # Written out, so that policies can name the role before it exists.
  role_arn = "arn:${local.partition}:iam::${local.account}:role/${local.role_name}"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    # EC2 sends neither aws:SourceArn nor aws:SourceAccount here. iam:PassRole limits who may give the role to an instance.
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

  # Set here as well as in default_tags, because only roles that carry the environment can read the token's secret.
  tags = { Environment = var.environment }
}

resource "aws_iam_instance_profile" "host" {
  name = local.role_name
  role = aws_iam_role.host.name
}

data "aws_iam_policy_document" "host" {
  #checkov:skip=CKV_AWS_356: each * is for actions without resource-level permissions, with the reason beside it
  #checkov:skip=CKV_AWS_111: the same
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
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account}:instance/*"] # the id is not known before the instance exists, and EC2 sends no condition key that identifies it
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
    resources = ["${local.session_log_group_arn}:*"] # one stream per session
  }

  statement {
    sid       = "FindSessionLogs"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"] # AWS lists all groups or none
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"] # metrics have no resource; the namespace restricts them

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
