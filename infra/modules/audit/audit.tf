resource "aws_s3_bucket" "audit" {
  #checkov:skip=CKV_AWS_144: the audit trail stays in the one region that data residency allows
  #checkov:skip=CKV2_AWS_62: nothing reacts to new audit entries
  bucket              = local.names.audit
  object_lock_enabled = true
  force_destroy       = var.force_destroy

  tags = { Component = "audit" }
}

resource "aws_s3_bucket_object_lock_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    default_retention {
      mode = var.lock_mode
      days = var.lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "audit" {
  bucket        = aws_s3_bucket.audit.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3/"

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "audit" {
  bucket = aws_s3_bucket.audit.id

  rule {
    id     = "archive-then-delete"
    status = "Enabled"
    filter {}

    transition {
      days          = var.audit_archive_days
      storage_class = "GLACIER_IR"
    }
    expiration {
      days = var.audit_days
    }
    # An expired entry is only marked as deleted. This deletes it for good, except while it is locked.
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "audit" {
  bucket = aws_s3_bucket.audit.id
  policy = data.aws_iam_policy_document.audit.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "audit" {
  source_policy_documents = [data.aws_iam_policy_document.tls_only["audit"].json, data.aws_iam_policy_document.own_key_only["audit"].json]

  # Entries and manifests are written by one function, and its own policy names where. A role that may write to every bucket of the
  # account could otherwise add false entries.
  statement {
    sid    = "WrittenByArchiveOnly"
    effect = "Deny"
    actions = [
      "s3:DeleteObjectTagging",
      "s3:DeleteObjectVersionTagging",
      "s3:PutObject",
      "s3:PutObjectLegalHold",
      "s3:PutObjectRetention",
      "s3:PutObjectTagging",
      "s3:PutObjectVersionTagging",
      "s3:ReplicateObject",
    ]
    resources = ["${local.arns.audit}/*"]

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

  # `archive` stores an object only if its key is free. A put without that condition would hide an entry behind a newer version.
  # The local cloud does not know this key of conditions, so it would refuse every put.
  dynamic "statement" {
    for_each = var.local ? [] : ["NothingIsReplaced"]
    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${local.arns.audit}/*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "Null"
        variable = "s3:if-none-match"
        values   = ["true"]
      }
    }
  }

  # Not even a marker that hides an entry. The lifecycle rules, which no policy restricts, delete what is old enough.
  statement {
    sid       = "DeletedByNobody"
    effect    = "Deny"
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    resources = ["${local.arns.audit}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }

  # GOVERNANCE would let an administrator bypass the lock. With this they must change the policy first, which CloudTrail records.
  statement {
    sid       = "NobodyRoundsTheLock"
    effect    = "Deny"
    actions   = ["s3:BypassGovernanceRetention"]
    resources = ["${local.arns.audit}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
