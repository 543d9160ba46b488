# What the boundary permits actions of agents.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  region = "eu-central-1"
}

run "named_targets" {
  command = plan
  variables {
    action_targets = {
      functions        = ["arn:aws:lambda:eu-central-1:123456789012:function:refund:live", "arn:aws:lambda:eu-central-1:999988887777:function:shared-*"]
      tables           = ["arn:aws:dynamodb:eu-central-1:123456789012:table/orders-*", "arn:aws:dynamodb:eu-central-1:123456789012:table/tickets"]
      clusters         = ["arn:aws:rds:eu-central-1:123456789012:cluster:orders"]
      database_secrets = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf"]
    }
  }

  assert {
    condition = jsonencode({ for s in data.aws_iam_policy_document.function_boundary.statement : s.sid => { actions = sort(s.actions), resources = sort(s.resources) } if startswith(s.sid, "Action") }) == jsonencode({
      ActionDatabases = { actions = ["rds-data:BeginTransaction", "rds-data:ExecuteStatement", "rds-data:RollbackTransaction"], resources = ["arn:aws:rds:eu-central-1:123456789012:cluster:orders"] }
      ActionFunctions = { actions = ["lambda:InvokeFunction"], resources = ["arn:aws:lambda:eu-central-1:123456789012:function:refund:live", "arn:aws:lambda:eu-central-1:999988887777:function:shared-*"] }
      ActionSecrets   = { actions = ["secretsmanager:GetSecretValue"], resources = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-AbCdEf"] }
      ActionTables = {
        actions = ["dynamodb:GetItem", "dynamodb:Query"]
        resources = [
          "arn:aws:dynamodb:eu-central-1:123456789012:table/orders-*",
          "arn:aws:dynamodb:eu-central-1:123456789012:table/tickets", "arn:aws:dynamodb:eu-central-1:123456789012:table/tickets/index/*",
        ]
      }
    })
    error_message = "the boundary must permit the named targets, and a table's indexes with it; got ${jsonencode(local.action_statements)}"
  }
}

run "none_unless_named" {
  command = plan

  assert {
    condition     = length(local.action_statements) == 0 && !anytrue([for s in data.aws_iam_policy_document.function_boundary.statement : startswith(s.sid, "Action")])
    error_message = "by default actions must reach nothing of AWS"
  }
}

run "everything" {
  command = plan
  variables { action_targets = { tables = ["arn:aws:dynamodb:eu-central-1:123456789012:table/*"] } }

  expect_failures = [var.action_targets]
}

run "a_wildcard_within" {
  command = plan
  variables { action_targets = { functions = ["arn:aws:lambda:eu-central-1:123456789012:function:a*b"] } }

  expect_failures = [var.action_targets]
}

run "another_region" {
  command = plan
  variables { action_targets = { clusters = ["arn:aws:rds:us-east-1:123456789012:cluster:orders"] } }

  expect_failures = [var.action_targets]
}

run "a_name_instead_of_an_arn" {
  command = plan
  variables { action_targets = { database_secrets = ["orders"] } }

  expect_failures = [var.action_targets]
}
