# Texts, which can be deleted for good. Planned without a mock, so that policies are rendered and their text can be asserted; nothing calls AWS.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  name               = "openclaw-test"
  kms_key_arn        = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_retention_days = 90
  lock_mode          = "COMPLIANCE"
  lock_days          = 365
  audit_days         = 730
  audit_archive_days = 90
  contents_days      = 365
  archive_role_arn   = "arn:aws:iam::123456789012:role/openclaw-test-archive"
  writer_role_arns   = ["arn:aws:iam::123456789012:role/openclaw-test-agent"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_s3_bucket.contents.bucket == "openclaw-test-audit-contents-123456789012" && !aws_s3_bucket.contents.object_lock_enabled && !aws_s3_bucket.contents.force_destroy
    error_message = "the bucket must have its own name, and no lock"
  }
  assert {
    condition     = !contains(keys(aws_s3_bucket_versioning.this), "contents")
    error_message = "a deletion must be final, so there must be no versions"
  }
  assert {
    condition = alltrue([
      for r in aws_s3_bucket_server_side_encryption_configuration.contents.rule :
      r.bucket_key_enabled && r.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && r.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    ])
    error_message = "it must encrypt with the given key, through a bucket key"
  }
  assert {
    condition = alltrue([for sid, value in { NoOtherEncryption = "aws:kms", NoOtherKey = var.kms_key_arn } : one([
      for s in jsondecode(data.aws_iam_policy_document.contents.json).Statement :
      s.Effect == "Deny" && s.Action == "s3:PutObject" && s.Resource == "arn:aws:s3:::openclaw-test-audit-contents-123456789012/*" && values(s.Condition.StringNotEquals) == [value] if s.Sid == sid
    ])])
    error_message = "an upload that asks for another encryption or key must be refused"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.contents.json).Statement :
      s.Effect == "Deny" && s.Principal.AWS == "*" && s.Resource == "arn:aws:s3:::openclaw-test-audit-contents-123456789012/*" && s.Condition == { ArnNotEquals = { "aws:PrincipalArn" = var.archive_role_arn } } &&
      toset(s.Action) == toset(["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:ReplicateObject"]) if s.Sid == "WrittenAndDeletedByArchiveOnly"
    ])
    error_message = "only archive may write and delete texts"
  }
  assert {
    condition     = alltrue([for s in jsondecode(data.aws_iam_policy_document.contents.json).Statement : s.Effect == "Deny"]) && aws_s3_bucket_policy.contents.policy == data.aws_iam_policy_document.contents.json
    error_message = "the bucket's policy may only refuse"
  }
  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.contents.rule[0].status == "Enabled" && aws_s3_bucket_lifecycle_configuration.contents.rule[0].expiration[0].days == 365 &&
      aws_s3_bucket_lifecycle_configuration.contents.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    )
    error_message = "texts must be deleted after a year"
  }
  assert {
    condition     = aws_s3_bucket_logging.contents.target_prefix == "s3-contents/"
    error_message = "its access log must go to the logs bucket"
  }
}

run "kept_as_long_as_asked" {
  command = plan
  variables { contents_days = 30 }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.contents.rule[0].expiration[0].days == 30
    error_message = "the days must reach the bucket"
  }
}
