# The texts of agents with `audit: full`, which the entries themselves only name by a digest. Erasing a conversation erases them.

resource "aws_s3_bucket" "contents" {
  #checkov:skip=CKV_AWS_21: a version that stays would undo an erasure
  #checkov:skip=CKV_AWS_144: texts stay in the one region that data residency allows
  #checkov:skip=CKV2_AWS_62: nothing reacts to new texts
  bucket        = local.names.contents
  force_destroy = var.force_destroy

  tags = { Component = "audit" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "contents" {
  bucket = aws_s3_bucket.contents.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "contents" {
  bucket        = aws_s3_bucket.contents.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3-contents/"

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "contents" {
  bucket = aws_s3_bucket.contents.id

  rule {
    id     = "delete"
    status = "Enabled"
    filter {}

    expiration {
      days = var.contents_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "contents" {
  bucket = aws_s3_bucket.contents.id
  policy = data.aws_iam_policy_document.contents.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "contents" {
  source_policy_documents = [data.aws_iam_policy_document.tls_only["contents"].json, data.aws_iam_policy_document.own_key_only["contents"].json]

  statement {
    sid       = "WrittenAndDeletedByArchiveOnly"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:ReplicateObject"]
    resources = ["${local.arns.contents}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = local.archive_arns
    }
  }
}
