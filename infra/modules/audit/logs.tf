resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_18: access logs are stored here; a log of this bucket would log itself
  #checkov:skip=CKV_AWS_144: access logs stay in the one region that data residency allows
  #checkov:skip=CKV_AWS_145: Elastic Load Balancing cannot write into a bucket that is encrypted with SSE-KMS
  #checkov:skip=CKV2_AWS_62: nothing reacts to new access logs
  bucket        = local.names.logs
  force_destroy = var.force_destroy

  tags = { Component = "audit" }
}

# S3's own keys, because Elastic Load Balancing cannot write with another.
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "delete"
    status = "Enabled"
    filter {}

    expiration {
      days = var.log_retention_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "logs" {
  source_policy_documents = [data.aws_iam_policy_document.tls_only["logs"].json]

  # Elastic Load Balancing writes each account's logs under that account's number only, so the path keeps load balancers of
  # other accounts out. The * is the file's name.
  statement {
    sid       = "LoadBalancerLogs"
    actions   = ["s3:PutObject"]
    resources = ["${local.arns.logs}/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }

  # S3 logs requests to the buckets of the audit trail here, and to no other bucket. The * is the file's name.
  statement {
    sid       = "AuditBucketLogs"
    actions   = ["s3:PutObject"]
    resources = ["${local.arns.logs}/s3/*", "${local.arns.logs}/s3-contents/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.arns.audit, local.arns.contents]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}
