mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    override_during = plan
    defaults        = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test" }
  }
}

variables {
  name        = "openclaw-test"
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"

  user_role_arns = ["arn:aws:iam::123456789012:role/openclaw-test-agent", "arn:aws:iam::123456789012:role/emergency"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.name == "openclaw-test"
    error_message = "two environments in one account must have two tables"
  }
  assert {
    condition     = aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "the table must be on demand"
  }
  assert {
    condition     = aws_dynamodb_table.this.hash_key == "PK" && aws_dynamodb_table.this.range_key == "SK"
    error_message = "the table's keys must be PK and SK"
  }
  assert {
    condition     = { for a in aws_dynamodb_table.this.attribute : a.name => a.type } == { PK = "S", SK = "S", GSI1PK = "S", GSI1SK = "S" }
    error_message = "exactly the keys must be declared, all of them strings"
  }
  assert {
    condition     = length(aws_dynamodb_table.this.global_secondary_index) == 1
    error_message = "there must be one index"
  }
  assert {
    condition = alltrue([
      for i in aws_dynamodb_table.this.global_secondary_index :
      i.name == "GSI1" && i.projection_type == "ALL" &&
      join(" ", [for k in i.key_schema : "${k.attribute_name}=${k.key_type}"]) == "GSI1PK=HASH GSI1SK=RANGE"
    ])
    error_message = "GSI1 must have the keys GSI1PK and GSI1SK, and every attribute"
  }
  assert {
    condition     = aws_dynamodb_table.this.ttl[0].enabled && aws_dynamodb_table.this.ttl[0].attribute_name == "ttl"
    error_message = "items must expire by the attribute ttl"
  }
  assert {
    condition     = aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.point_in_time_recovery[0].recovery_period_in_days == 35
    error_message = "point-in-time recovery must reach 35 days back"
  }
  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "the table must be encrypted with the given key"
  }
  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "deletion protection must be on by default"
  }
}

run "protection_can_be_turned_off" {
  command = plan
  variables { deletion_protection = false }

  assert {
    condition     = !aws_dynamodb_table.this.deletion_protection_enabled
    error_message = "deletion_protection = false must reach the table"
  }
}

run "items_are_for_the_gateway_only" {
  command = plan

  assert {
    condition = (
      one(data.aws_iam_policy_document.table.statement).effect == "Deny" && one(one(data.aws_iam_policy_document.table.statement).principals).identifiers == toset(["*"]) &&
      one(data.aws_iam_policy_document.table.statement).resources == toset(["arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test", "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test/index/*"])
    )
    error_message = "everybody must be refused, at the table and its indexes"
  }
  assert {
    condition     = [for c in one(data.aws_iam_policy_document.table.statement).condition : "${c.test} ${c.variable} ${join(" ", c.values)}"] == ["ArnNotEquals aws:PrincipalArn arn:aws:iam::123456789012:role/openclaw-test-agent arn:aws:iam::123456789012:role/emergency"]
    error_message = "nobody but these roles may be excepted"
  }
  assert {
    condition     = length(setsubtract([for action in ["GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect", "ExportTableToPointInTime", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"] : "dynamodb:${action}"], one(data.aws_iam_policy_document.table.statement).actions)) == 0
    error_message = "reading, exporting and writing must be refused"
  }
  assert {
    condition     = !contains(one(data.aws_iam_policy_document.table.statement).actions, "dynamodb:PutResourcePolicy") && !contains(one(data.aws_iam_policy_document.table.statement).actions, "dynamodb:DeleteTable")
    error_message = "Terraform must still administer the table"
  }
  assert {
    condition     = aws_dynamodb_resource_policy.table.resource_arn == "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test" && length(regexall("  policy       = data.aws_iam_policy_document.table.json\n", file("policy.tf"))) == 1
    error_message = "the table must have the policy"
  }
}

run "a_policy_that_shuts_everybody_out" {
  command = plan
  variables { user_role_arns = [] }
  expect_failures = [var.user_role_arns]
}
