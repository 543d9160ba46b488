# The table in which functions leave entries.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test-audit", stream_arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test-audit/stream/x" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::made" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
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
    condition     = aws_dynamodb_table.outbox.name == "openclaw-test-audit" && aws_dynamodb_table.outbox.billing_mode == "PAY_PER_REQUEST" && aws_dynamodb_table.outbox.hash_key == "PK" && aws_dynamodb_table.outbox.range_key == "SK"
    error_message = "the table must be on demand, with the keys of the conversations' table"
  }
  assert {
    condition     = { for a in aws_dynamodb_table.outbox.attribute : a.name => a.type } == { PK = "S", SK = "S" } && length(aws_dynamodb_table.outbox.global_secondary_index) == 0
    error_message = "exactly the keys must be declared, both strings"
  }
  assert {
    condition     = aws_dynamodb_table.outbox.stream_enabled && aws_dynamodb_table.outbox.stream_view_type == "NEW_IMAGE" && output.stream_arn == aws_dynamodb_table.outbox.stream_arn
    error_message = "its stream must have the new entries"
  }
  assert {
    condition     = aws_dynamodb_table.outbox.ttl[0].enabled && aws_dynamodb_table.outbox.ttl[0].attribute_name == "ttl" && aws_dynamodb_table.outbox.point_in_time_recovery[0].enabled && aws_dynamodb_table.outbox.point_in_time_recovery[0].recovery_period_in_days == 35
    error_message = "entries must expire by the attribute ttl, and the table must be recoverable for 35 days"
  }
  assert {
    condition     = aws_dynamodb_table.outbox.server_side_encryption[0].enabled && aws_dynamodb_table.outbox.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_dynamodb_table.outbox.deletion_protection_enabled
    error_message = "the table must be encrypted with the given key, and protected"
  }
  assert {
    condition = jsonencode([for s in data.aws_iam_policy_document.outbox.statement : { effect = s.effect, resources = tolist(s.resources), conditions = [for c in s.condition : [c.test, c.variable, c.values]] }]) == jsonencode([
      for admitted in [["arn:aws:iam::123456789012:role/openclaw-test-agent", "arn:aws:iam::123456789012:role/openclaw-test-archive"], ["arn:aws:iam::123456789012:role/openclaw-test-archive"]] : {
        effect     = "Deny"
        resources  = ["arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test-audit"]
        conditions = [["ArnNotEquals", "aws:PrincipalArn", admitted]]
      }
    ])
    error_message = "writers may add entries, and archive alone may see and change them; got ${jsonencode(data.aws_iam_policy_document.outbox.statement)}"
  }
  assert {
    condition = [for s in data.aws_iam_policy_document.outbox.statement : contains(s.actions, "dynamodb:PutItem")] == [true, false] && length(setsubtract(
      ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PartiQLSelect", "dynamodb:PartiQLUpdate", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"],
      data.aws_iam_policy_document.outbox.statement[1].actions,
    )) == 0
    error_message = "every way to read or change an item must be refused"
  }
  assert {
    condition     = aws_dynamodb_resource_policy.outbox.resource_arn == aws_dynamodb_table.outbox.arn
    error_message = "the policy must be the table's"
  }
}

run "a_role_with_a_wildcard" {
  command = plan
  variables {
    archive_role_arn = "arn:aws:iam::123456789012:role/*"
    writer_role_arns = []
  }

  expect_failures = [var.archive_role_arn, var.writer_role_arns]
}
