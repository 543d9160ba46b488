# The audit trail: who writes it, and who reads what was written.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

override_resource {
  target          = module.audit.aws_dynamodb_table.outbox
  override_during = plan
  values          = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit", stream_arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit/stream/x" }
}
override_resource {
  target          = module.audit.aws_s3_bucket.audit
  override_during = plan
  values          = { arn = "arn:aws:s3:::openclaw-test-audit", id = "openclaw-test-audit-bucket" }
}
override_resource {
  target          = module.audit.aws_s3_bucket.contents
  override_during = plan
  values          = { arn = "arn:aws:s3:::openclaw-test-audit-contents", id = "openclaw-test-audit-contents-bucket" }
}

run "by_default" {
  command = plan

  assert {
    condition = jsonencode({ for key, statements in local.policies : key => [for s in statements : { actions = s.actions, resources = s.resources } if s.sid == "WriteAuditEntries"] }) == jsonencode({
      for key in keys(local.functions) : key => !contains(["agent", "agents", "conversations", "stream", "websocket"], key) ? [] : [{
        actions   = ["dynamodb:PutItem"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit"]
      }]
    })
    error_message = "functions that run agents, keep grants or erase conversations must add entries, and neither read nor change one"
  }
  assert {
    condition = alltrue([for key, statements in local.policies : alltrue([
      for s in statements : jsonencode(try(s.conditions, [])) == jsonencode([{ test = "ForAllValues:StringLike", values = ["A#*"], variable = "dynamodb:LeadingKeys" }]) if s.sid == "WriteAuditEntries"
    ])])
    error_message = "nobody but archive may write the ends of the chains"
  }
  assert {
    condition     = alltrue([for key, statements in local.policies : key == "archive" || !strcontains(jsonencode([for s in statements : s.resources if s.sid != "WriteAuditEntries"]), "openclaw-test-audit")])
    error_message = "nobody else may reach the table or the buckets"
  }
  assert {
    condition = jsonencode({ for s in local.policies.archive : s.sid => { actions = s.actions, resources = s.resources } }) == jsonencode({
      ReadNewEntries = {
        actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit/stream/*"]
      }
      KeepChains = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"]
        resources = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit"]
      }
      WriteEntries = {
        actions   = ["s3:GetObject", "s3:PutObject"]
        resources = ["arn:aws:s3:::openclaw-test-audit/entries/*", "arn:aws:s3:::openclaw-test-audit/manifests/*"]
      }
      TagEntries         = { actions = ["s3:PutObjectTagging"], resources = ["arn:aws:s3:::openclaw-test-audit/entries/*"] }
      ListEntries        = { actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::openclaw-test-audit"] }
      WriteAndEraseTexts = { actions = ["s3:DeleteObject", "s3:PutObject"], resources = ["arn:aws:s3:::openclaw-test-audit-contents/*"] }
      ListTexts          = { actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::openclaw-test-audit-contents"] }
      UseKey             = { actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = ["arn:aws:kms:eu-central-1:111122223333:key/data"] }
    })
    error_message = "archive must have exactly these permissions; got ${jsonencode(local.policies.archive)}"
  }
  assert {
    condition = jsonencode({ for s in local.policies.archive : s.sid => [for c in s.conditions : [c.test, c.variable, c.values]] if can(s.conditions) }) == jsonencode({
      ListEntries = [["StringLikeIfExists", "s3:prefix", ["entries/*", "manifests/*"]]]
      UseKey      = [["StringEquals", "kms:ViaService", ["dynamodb.eu-central-1.amazonaws.com", "s3.eu-central-1.amazonaws.com"]]]
    })
    error_message = "archive may list its folders only, and use the key through the services that store entries; got ${jsonencode(local.policies.archive)}"
  }
  assert {
    condition = jsonencode(local.environments.archive) == jsonencode({
      OPENCLAW_AUDIT_BUCKET       = "openclaw-test-audit-bucket"
      OPENCLAW_AUDIT_TEXTS_BUCKET = "openclaw-test-audit-contents-bucket"
      OPENCLAW_AUDIT_TABLE        = "openclaw-test-audit"
      OPENCLAW_LOG_LEVEL          = "info"
    })
    error_message = "archive must know the table and both buckets, and needs neither configuration nor key; got ${jsonencode(local.environments.archive)}"
  }
  assert {
    condition     = [for key, environment in local.environments : key if try(environment.OPENCLAW_AUDIT_TABLE, "") == output.audit_table_name] == ["agent", "agents", "archive", "conversations", "stream", "websocket"] && alltrue([for key in local.writes_audit : can(local.environments[key].OPENCLAW_DIGEST_SECRET)])
    error_message = "those who write entries must know the table, and the key of the digests in them"
  }
  assert {
    condition     = !local.functions.archive.in_vpc && local.sizes.archive.timeout_s == 60 && local.sizes.archive.memory_mb == 256 && !contains(keys(local.buffered_functions), "archive")
    error_message = "archive must run outside the VPC, and nothing in front may invoke it"
  }
  assert {
    condition     = output.audit_bucket == "openclaw-test-audit-bucket" && output.audit_contents_bucket == "openclaw-test-audit-contents-bucket" && output.audit_table_name == "openclaw-test-audit"
    error_message = "the outputs must name them"
  }
  assert {
    condition = length(setsubtract(
      ["openclaw-test-audit-behind", "openclaw-test-audit-chain-broken", "openclaw-test-audit-manifest", "openclaw-test-audit-unreadable", "openclaw-test-drops-archive", "openclaw-test-errors-archive", "openclaw-test-throttles-archive"],
      module.observability.alarm_names,
    )) == 0 && !contains(module.observability.alarm_names, "openclaw-test-undelivered-archive")
    error_message = "the audit trail must have its alarms; got ${jsonencode(module.observability.alarm_names)}"
  }
}

run "without_the_function_that_streams" {
  command = plan
  variables {
    streams   = false
    websocket = false
  }

  assert {
    condition     = local.writes_audit == ["agent", "agents", "conversations"]
    error_message = "a role that does not exist must not be named; got ${jsonencode(local.writes_audit)}"
  }
}

run "in_the_vpc" {
  command = plan
  variables { functions_in_vpc = true }

  assert {
    condition = local.functions.archive.in_vpc && contains(local.endpoint_resource_arns.dynamodb, "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test-audit") && length(setsubtract(
      ["arn:aws:s3:::openclaw-test-audit/*", "arn:aws:s3:::openclaw-test-audit-contents/*"], local.endpoint_resource_arns.s3,
    )) == 0
    error_message = "the endpoints must let entries pass"
  }
}

run "on_the_local_cloud" {
  command = plan
  variables { local_endpoint_url = "http://127.0.0.1:4566" }

  assert {
    condition     = local.environments.archive.AWS_ENDPOINT_URL == "http://127.0.0.1:4566" && local.environments.archive.OPENCLAW_LOCAL == "1"
    error_message = "archive must find the local cloud without a configuration"
  }
}

run "a_name_that_collides" {
  command = plan
  variables { environment = "test-audit" }

  expect_failures = [var.environment]
}

run "texts_for_half_a_day" {
  command = plan
  variables { audit = { contents_days = 0.5 } }

  expect_failures = [var.audit]
}
