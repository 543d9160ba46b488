data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  bucket    = "${var.name}-state-${local.account}-${var.region}"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  state_arn = "arn:${local.partition}:s3:::${local.bucket}"
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18: CloudTrail's data events record who reads the state; a log bucket would itself need a bootstrap
  #checkov:skip=CKV_AWS_144: a state is useless without its region, and versions protect against a bad write
  #checkov:skip=CKV2_AWS_62: nothing reacts to a new state
  bucket = local.bucket

  # Without the states Terraform no longer knows what it created. To delete them on purpose, remove this block first.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.state.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "forget-old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.state_retention_days
    }

    # Lock files leave a delete marker after each run.
    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["s3:*"] # in a Deny, wider is stricter
    resources = [local.state_arn, "${local.state_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "OnlyOurAccount"
    effect    = "Deny"
    actions   = ["s3:*"] # in a Deny, wider is stricter
    resources = [local.state_arn, "${local.state_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }

    # AWS services that act for the account, such as Inspector and Macie, have no account of their own.
    condition {
      test     = "Bool"
      variable = "aws:PrincipalIsAWSService"
      values   = ["false"]
    }
  }

  # An upload that names no key uses the bucket's default. One that names another algorithm or key is refused.
  dynamic "statement" {
    for_each = {
      OnlyKms    = { variable = "s3:x-amz-server-side-encryption", value = "aws:kms" }
      OnlyOurKey = { variable = "s3:x-amz-server-side-encryption-aws-kms-key-id", value = aws_kms_key.state.arn }
    }

    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${local.state_arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "StringNotEquals"
        variable = statement.value.variable
        values   = [statement.value.value]
      }

      # An upload without the header has nothing to compare.
      condition {
        test     = "Null"
        variable = statement.value.variable
        values   = ["false"]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json

  depends_on = [aws_s3_bucket_public_access_block.state]
}
