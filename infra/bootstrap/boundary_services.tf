# The limits of the roles that services of AWS assume to work for the gateway: flow logs, snapshots of the Ollama host, health checks,
# and the logs of REST and WebSocket APIs. Their own policies name their resources. None may decrypt through anything but EC2.

data "aws_iam_policy_document" "service_boundary" {
  #checkov:skip=CKV_AWS_356: each * is for actions without resource-level permissions, with the reason beside it
  #checkov:skip=CKV_AWS_111: the same; a boundary grants nothing by itself
  #checkov:skip=CKV_AWS_109: a grant is made only for a service of AWS, through EC2; a boundary grants nothing by itself
  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
    ]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:*"] # every REST and WebSocket API of the account writes with the same role
  }

  statement {
    sid       = "FindDisks"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"] # describing has no resource

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid     = "Snapshots"
    actions = ["ec2:CreateSnapshot", "ec2:CreateTags", "ec2:DeleteSnapshot"]
    resources = [
      "arn:${local.partition}:ec2:${local.here}:volume/*", # a disk's id is not known before it exists
      "arn:${local.partition}:ec2:${var.region}::snapshot/*",
    ]
  }

  statement {
    sid       = "HealthChecks"
    actions   = ["events:InvokeApiDestination"]
    resources = ["arn:${local.partition}:events:${local.here}:api-destination/${var.name}-*"] # all environments
  }

  statement {
    sid = "DiskKeys"
    actions = [
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"] # a key's id is not known before it exists

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ec2.${var.region}.${data.aws_partition.current.dns_suffix}"]
    }
  }
}

resource "aws_iam_policy" "service_boundary" {
  name        = "${var.name}-${var.region}-service-boundary"
  description = "Limits of every role of ${var.name} that a service of AWS assumes"
  policy      = data.aws_iam_policy_document.service_boundary.json
}
