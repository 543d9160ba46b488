data "aws_iam_policy_document" "snapshots_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dlm.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:dlm:${local.region}:${local.account}:policy/*"] # the policy's id is not known before it exists
    }
  }
}

resource "aws_iam_role" "snapshots" {
  name               = "${var.name}-ollama-snapshots"
  description        = "Daily snapshots of the Ollama host of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.snapshots_trust.json

  permissions_boundary = var.service_permissions_boundary_arn
}

data "aws_iam_policy_document" "snapshots" {
  #checkov:skip=CKV_AWS_356: describing has no resource-level permissions
  statement {
    sid       = "Find"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"]
    resources = ["*"] # describing has no resource
  }

  statement {
    sid       = "CopyOurDisk"
    actions   = ["ec2:CreateSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account}:volume/*"] # the tag restricts them to ours

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = [local.tags.Name]
    }
  }

  statement {
    sid     = "MakeAndTagTheCopy"
    actions = ["ec2:CreateSnapshot", "ec2:CreateTags"]
    # It has no id yet. There is no condition, because it is not documented whether the service tags it in the same call.
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"]
  }

  statement {
    sid       = "ForgetOurCopies"
    actions   = ["ec2:DeleteSnapshot"]
    resources = ["arn:${local.partition}:ec2:${local.region}::snapshot/*"] # the tag restricts them to ours

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Role"
      values   = [local.tags.Name]
    }
  }

  # The disk and its snapshots are encrypted with our key.
  statement {
    sid       = "UseDiskKey"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ec2.${local.region}.${local.suffix}"]
    }
  }

  statement {
    sid       = "LetEc2UseDiskKey"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ec2.${local.region}.${local.suffix}"]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "snapshots" {
  name   = "snapshots"
  role   = aws_iam_role.snapshots.id
  policy = data.aws_iam_policy_document.snapshots.json
}

# A snapshot of an encrypted disk is encrypted with the disk's key.
resource "aws_dlm_lifecycle_policy" "daily" {
  description        = "Daily snapshots of the Ollama host of ${var.name}"
  execution_role_arn = aws_iam_role.snapshots.arn
  state              = "ENABLED"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Role = local.tags.Name }

    schedule {
      name      = "daily"
      copy_tags = true

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = [var.snapshot_time]
      }

      retain_rule {
        count = var.snapshots_kept
      }
    }
  }
}
