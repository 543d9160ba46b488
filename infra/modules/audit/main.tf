# Two buckets: the audit trail, which nobody can rewrite, and the access logs of the load balancer and of the audit bucket.
# This file has what they share, audit.tf and logs.tf what differs.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id

  # Bucket names are unique across all accounts, so the account's number is part of them.
  names = {
    audit = "${var.name}-audit-${local.account}"
    logs  = "${var.name}-logs-${local.account}"
  }
  arns = { for bucket, name in local.names : bucket => "arn:${data.aws_partition.current.partition}:s3:::${name}" }
}

# Each of these refers to the buckets itself: checkov finds what protects a bucket only by a reference, not by a local value.
resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.names

  bucket                  = each.key == "audit" ? aws_s3_bucket.audit.id : aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Without access control lists only policies decide.
resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.names

  bucket = each.key == "audit" ? aws_s3_bucket.audit.id : aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.names

  bucket = each.key == "audit" ? aws_s3_bucket.audit.id : aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

# What both buckets refuse. The * are everybody and every action, because a refusal is meant for all of them.
data "aws_iam_policy_document" "tls_only" {
  for_each = local.arns

  statement {
    sid       = "EncryptedOnTheWire"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "ModernTlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}
