# The audit trail and what leads to it: the table in which functions leave entries (outbox.tf), the bucket in which nobody can rewrite
# them (audit.tf), and the one of their texts, which can be deleted (contents.tf). Beside them the bucket of the access logs of the
# load balancer and of the other two (logs.tf). This file has what the buckets share.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id

  # Bucket names are unique across all accounts, so the account's number is part of them.
  names = {
    audit    = "${var.name}-audit-${local.account}"
    contents = "${var.name}-audit-contents-${local.account}"
    logs     = "${var.name}-logs-${local.account}"
  }
  arns = { for bucket, name in local.names : bucket => "arn:${data.aws_partition.current.partition}:s3:::${name}" }

  # The local cloud names a role's sessions where AWS names the role.
  archive_arns = concat([var.archive_role_arn], var.local ? ["${replace(replace(var.archive_role_arn, ":iam:", ":sts:"), ":role/", ":assumed-role/")}/*"] : [])
}

# Each of these refers to the buckets itself: checkov finds what protects a bucket only by a reference, not by a local value.
resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.names

  bucket                  = { audit = aws_s3_bucket.audit.id, contents = aws_s3_bucket.contents.id, logs = aws_s3_bucket.logs.id }[each.key]
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Without access control lists only policies decide.
resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.names

  bucket = { audit = aws_s3_bucket.audit.id, contents = aws_s3_bucket.contents.id, logs = aws_s3_bucket.logs.id }[each.key]

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Not for contents: a deleted text must be gone.
resource "aws_s3_bucket_versioning" "this" {
  for_each = toset(["audit", "logs"])

  bucket = each.key == "audit" ? aws_s3_bucket.audit.id : aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

# What all buckets refuse. The * are everybody and every action, because a refusal is meant for all of them. The local cloud has no TLS.
data "aws_iam_policy_document" "tls_only" {
  for_each = local.arns

  dynamic "statement" {
    for_each = var.local ? {} : {
      EncryptedOnTheWire = { test = "Bool", variable = "aws:SecureTransport", value = "false" }
      ModernTlsOnly      = { test = "NumericLessThan", variable = "s3:TlsVersion", value = "1.2" }
    }
    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = [each.value, "${each.value}/*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = statement.value.test
        variable = statement.value.variable
        values   = [statement.value.value]
      }
    }
  }
}

# What the two buckets of the audit trail refuse besides.
data "aws_iam_policy_document" "own_key_only" {
  for_each = { for bucket, arn in local.arns : bucket => arn if bucket != "logs" }

  # A bucket encrypts with our key by default. An upload that asks for another encryption is refused; the condition Null
  # exempts those that ask for none.
  dynamic "statement" {
    for_each = {
      NoOtherEncryption = { variable = "s3:x-amz-server-side-encryption", value = "aws:kms" }
      NoOtherKey        = { variable = "s3:x-amz-server-side-encryption-aws-kms-key-id", value = var.kms_key_arn }
    }
    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${each.value}/*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "Null"
        variable = statement.value.variable
        values   = ["false"]
      }
      condition {
        test     = "StringNotEquals"
        variable = statement.value.variable
        values   = [statement.value.value]
      }
    }
  }
}
