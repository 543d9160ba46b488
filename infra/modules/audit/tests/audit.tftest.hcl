# Planned without a mock, so that policies are rendered and their text can be asserted; nothing calls AWS.
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
    condition     = aws_s3_bucket.audit.bucket == "openclaw-test-audit-123456789012" && aws_s3_bucket.logs.bucket == "openclaw-test-logs-123456789012"
    error_message = "a bucket's name must contain the deployment and the account"
  }
  assert {
    condition     = !aws_s3_bucket.audit.force_destroy && !aws_s3_bucket.logs.force_destroy
    error_message = "a bucket with contents must not be destroyed by default"
  }
  assert {
    condition = toset(keys(aws_s3_bucket_public_access_block.this)) == toset(["audit", "contents", "logs"]) && alltrue([
      for b in aws_s3_bucket_public_access_block.this : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets
    ])
    error_message = "all public access must be blocked"
  }
  assert {
    condition     = toset(keys(aws_s3_bucket_ownership_controls.this)) == toset(["audit", "contents", "logs"]) && alltrue([for o in aws_s3_bucket_ownership_controls.this : o.rule[0].object_ownership == "BucketOwnerEnforced"])
    error_message = "access control lists must be disabled"
  }
  assert {
    condition     = toset(keys(aws_s3_bucket_versioning.this)) == toset(["audit", "logs"]) && alltrue([for v in aws_s3_bucket_versioning.this : v.versioning_configuration[0].status == "Enabled"])
    error_message = "entries and logs must be versioned, and texts must not"
  }
  assert {
    condition     = aws_s3_bucket_policy.audit.policy == data.aws_iam_policy_document.audit.json && aws_s3_bucket_policy.logs.policy == data.aws_iam_policy_document.logs.json
    error_message = "each bucket must have its own policy"
  }
  assert {
    condition = alltrue([
      for name, json in { audit = data.aws_iam_policy_document.audit.json, audit-contents = data.aws_iam_policy_document.contents.json, logs = data.aws_iam_policy_document.logs.json } : one([
        for s in jsondecode(json).Statement :
        s.Effect == "Deny" && s.Principal.AWS == "*" && s.Action == "s3:*" && s.Condition == { Bool = { "aws:SecureTransport" = "false" } } &&
        toset(s.Resource) == toset(["arn:aws:s3:::openclaw-test-${name}-123456789012", "arn:aws:s3:::openclaw-test-${name}-123456789012/*"]) if s.Sid == "EncryptedOnTheWire"
      ])
    ])
    error_message = "every request without TLS must be refused"
  }
  assert {
    condition = alltrue([
      for json in [data.aws_iam_policy_document.audit.json, data.aws_iam_policy_document.contents.json, data.aws_iam_policy_document.logs.json] : one([
        for s in jsondecode(json).Statement : s.Effect == "Deny" && s.Condition.NumericLessThan["s3:TlsVersion"] == "1.2" if s.Sid == "ModernTlsOnly"
      ])
    ])
    error_message = "TLS before 1.2 must be refused"
  }
  assert {
    condition     = aws_s3_bucket.audit.object_lock_enabled
    error_message = "Object Lock must be on"
  }
  assert {
    condition     = aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 365
    error_message = "every entry must be locked for a year, and nobody may unlock it"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement :
      s.Effect == "Deny" && s.Principal.AWS == "*" && s.Resource == "arn:aws:s3:::openclaw-test-audit-123456789012/*" && s.Condition == { ArnNotEquals = { "aws:PrincipalArn" = var.archive_role_arn } } &&
      length(setsubtract(["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:DeleteObjectTagging"], s.Action)) == 0 if s.Sid == "WrittenByArchiveOnly"
    ])
    error_message = "only archive may write entries"
  }
  assert {
    condition     = one([for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Effect == "Deny" && s.Principal.AWS == "*" && s.Action == "s3:PutObject" && s.Resource == "arn:aws:s3:::openclaw-test-audit-123456789012/*" && s.Condition == { Null = { "s3:if-none-match" = "true" } } if s.Sid == "NothingIsReplaced"])
    error_message = "nothing may be put in the place of an entry"
  }
  assert {
    condition     = one([for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Effect == "Deny" && s.Principal.AWS == "*" && !can(s.Condition) && s.Resource == "arn:aws:s3:::openclaw-test-audit-123456789012/*" && toset(s.Action) == toset(["s3:DeleteObject", "s3:DeleteObjectVersion"]) if s.Sid == "DeletedByNobody"])
    error_message = "nobody may delete an entry, or hide it behind a marker"
  }
  assert {
    condition     = one([for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Effect == "Deny" && s.Principal.AWS == "*" && s.Action == "s3:BypassGovernanceRetention" && !can(s.Condition) if s.Sid == "NobodyRoundsTheLock"])
    error_message = "nobody may bypass the lock"
  }
  assert {
    condition = alltrue([
      for r in aws_s3_bucket_server_side_encryption_configuration.audit.rule :
      r.bucket_key_enabled && r.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && r.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    ])
    error_message = "the audit bucket must encrypt with the given key, through a bucket key"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Effect == "Deny" && s.Action == "s3:PutObject" && s.Condition == {
        Null            = { "s3:x-amz-server-side-encryption" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
      } if s.Sid == "NoOtherEncryption"
    ])
    error_message = "an upload that asks for another encryption must be refused"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Effect == "Deny" && s.Action == "s3:PutObject" && s.Condition == {
        Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = var.kms_key_arn }
      } if s.Sid == "NoOtherKey"
    ])
    error_message = "an upload that asks for another key must be refused"
  }
  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.audit.rule[0].status == "Enabled" &&
      aws_s3_bucket_lifecycle_configuration.audit.rule[0].expiration[0].days == 730 &&
      aws_s3_bucket_lifecycle_configuration.audit.rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 &&
      aws_s3_bucket_lifecycle_configuration.audit.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    )
    error_message = "entries must be deleted after two years, and their versions a month later"
  }
  assert {
    condition     = [for t in aws_s3_bucket_lifecycle_configuration.audit.rule[0].transition : "${t.days} ${t.storage_class}"] == ["90 GLACIER_IR"]
    error_message = "entries must be archived after 90 days"
  }
  assert {
    condition     = aws_s3_bucket_logging.audit.target_prefix == "s3/"
    error_message = "the audit bucket's access log must go to the logs bucket"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement :
      s.Principal.Service == "logging.s3.amazonaws.com" && s.Action == "s3:PutObject" && toset(s.Resource) == toset([for folder in ["s3", "s3-contents"] : "arn:aws:s3:::openclaw-test-logs-123456789012/${folder}/*"]) &&
      toset(s.Condition.ArnEquals["aws:SourceArn"]) == toset([for bucket in ["audit", "audit-contents"] : "arn:aws:s3:::openclaw-test-${bucket}-123456789012"]) && s.Condition.StringEquals["aws:SourceAccount"] == "123456789012" if s.Sid == "AuditBucketLogs"
    ])
    error_message = "S3 must write the logs of these two buckets only"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement :
      s.Effect == "Allow" && s.Principal.Service == "logdelivery.elasticloadbalancing.amazonaws.com" && s.Action == "s3:PutObject" &&
      s.Resource == "arn:aws:s3:::openclaw-test-logs-123456789012/AWSLogs/123456789012/*" if s.Sid == "LoadBalancerLogs"
    ])
    error_message = "Elastic Load Balancing must write under this account's number"
  }
  assert {
    condition     = toset([for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement : s.Sid if s.Effect == "Allow"]) == toset(["LoadBalancerLogs", "AuditBucketLogs"])
    error_message = "nobody else may be permitted anything"
  }
  assert {
    condition     = alltrue([for r in aws_s3_bucket_server_side_encryption_configuration.logs.rule : r.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"])
    error_message = "the logs bucket must use the only encryption with which load balancers can write"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.logs.rule[0].status == "Enabled" && aws_s3_bucket_lifecycle_configuration.logs.rule[0].expiration[0].days == 90
    error_message = "access logs must be deleted after 90 days"
  }
}

run "on_the_local_cloud" {
  command = plan
  variables { local = true }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.audit.json, "SecureTransport") && !strcontains(data.aws_iam_policy_document.contents.json, "TlsVersion")
    error_message = "the local cloud has no TLS"
  }
  assert {
    condition     = !strcontains(data.aws_iam_policy_document.audit.json, "s3:if-none-match")
    error_message = "the local cloud would refuse every put"
  }
  assert {
    condition     = toset(one([for s in jsondecode(data.aws_iam_policy_document.audit.json).Statement : s.Condition.ArnNotEquals["aws:PrincipalArn"] if s.Sid == "WrittenByArchiveOnly"])) == toset([var.archive_role_arn, "arn:aws:sts::123456789012:assumed-role/openclaw-test-archive/*"])
    error_message = "the sessions of the role must be named beside it"
  }
}

run "the_lock_can_be_chosen" {
  command = plan
  variables {
    lock_mode = "GOVERNANCE"
    lock_days = 30
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].mode == "GOVERNANCE" && aws_s3_bucket_object_lock_configuration.audit.rule[0].default_retention[0].days == 30
    error_message = "mode and days must reach the bucket"
  }
}

run "an_environment_that_goes_takes_its_buckets_along" {
  command = plan
  variables { force_destroy = true }

  assert {
    condition     = aws_s3_bucket.audit.force_destroy && aws_s3_bucket.contents.force_destroy && aws_s3_bucket.logs.force_destroy
    error_message = "force_destroy must reach all buckets"
  }
}
