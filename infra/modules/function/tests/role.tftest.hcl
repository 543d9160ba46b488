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
  name                     = "openclaw-test"
  environment              = "test"
  function                 = "agents"
  zip_path                 = "tests/bootstrap.zip"
  timeout_s                = 65
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-boundary"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  log_retention_days       = 90
  architecture             = "arm64"
  memory_mb                = 512
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_iam_role.this.name == "openclaw-test-agents" && aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "each function must have a role of its own, under the boundary"
  }
  assert {
    condition     = aws_iam_role.this.tags["Environment"] == "test"
    error_message = "the role must carry its environment"
  }
  assert {
    condition     = aws_iam_role_policy.this.role == "openclaw-test-agents" && aws_iam_role_policy.this.policy == data.aws_iam_policy_document.calls.json
    error_message = "the role must have the rendered policy"
  }
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid       = "AssumedByLambda"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
    error_message = "only Lambda may assume the role"
  }
  assert {
    condition = jsondecode(data.aws_iam_policy_document.calls.json).Statement == [{
      Sid      = "WriteOwnLogs"
      Effect   = "Allow"
      Action   = ["logs:PutLogEvents", "logs:CreateLogStream"]
      Resource = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/openclaw-test-agents:log-stream:*"
    }]
    error_message = "a function that calls nothing may only write to its own log group"
  }
}

run "it_may_do_exactly_what_is_declared" {
  command = plan
  variables {
    policy_statements = [
      {
        sid        = "ReadConversations"
        actions    = ["dynamodb:Query"]
        resources  = ["arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test"]
        conditions = [{ test = "StringEquals", variable = "aws:ResourceTag/Environment", values = ["test"] }]
      },
      {
        sid             = "ListModels"
        actions         = ["bedrock:ListFoundationModels"]
        resources       = ["*"]
        wildcard_reason = "Bedrock knows no resource for a listing"
      },
    ]
  }

  assert {
    condition     = [for s in jsondecode(data.aws_iam_policy_document.calls.json).Statement : s.Sid] == ["WriteOwnLogs", "ReadConversations", "ListModels"]
    error_message = "exactly the declared statements must be in the policy"
  }
  assert {
    condition = one([for s in jsondecode(data.aws_iam_policy_document.calls.json).Statement : s if s.Sid == "ReadConversations"]) == {
      Sid       = "ReadConversations"
      Effect    = "Allow"
      Action    = "dynamodb:Query"
      Resource  = "arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test"
      Condition = { StringEquals = { "aws:ResourceTag/Environment" = "test" } }
    }
    error_message = "a statement must be as declared, with its condition"
  }
}

run "only_lambda_may_use_interfaces" {
  command = plan
  variables {
    vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition = one([for s in jsondecode(data.aws_iam_policy_document.calls.json).Statement : toset(s.Action) if s.Sid == "NetworkInterfaces"]) == toset([
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
    ])
    error_message = "in the VPC the role must have what Lambda needs for network interfaces"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.calls.json).Statement :
      s.Effect == "Deny" && s.Condition.ArnEquals["lambda:SourceFunctionArn"] == "arn:aws:lambda:eu-central-1:123456789012:function:openclaw-test-agents" &&
      toset(s.Action) == toset(local.interface_actions) if s.Sid == "NoInterfacesFromCode"
    ])
    error_message = "the function's code must not have these permissions"
  }
}

run "an_action_with_a_wildcard_is_refused" {
  command = plan
  variables { policy_statements = [{ sid = "All", actions = ["dynamodb:*"], resources = ["arn:aws:dynamodb:eu-central-1:123456789012:table/openclaw-test"] }] }
  expect_failures = [var.policy_statements]
}

run "a_resource_with_a_wildcard_needs_a_reason" {
  command = plan
  variables { policy_statements = [{ sid = "Read", actions = ["ssm:GetParameters"], resources = ["arn:aws:ssm:eu-central-1:123456789012:parameter/openclaw/*"] }] }
  expect_failures = [var.policy_statements]
}

run "a_blank_reason_is_refused" {
  command = plan
  variables { policy_statements = [{ sid = "Read", actions = ["ssm:GetParameters"], resources = ["*"], wildcard_reason = " " }] }
  expect_failures = [var.policy_statements]
}

run "a_statement_without_resources_is_refused" {
  command = plan
  variables { policy_statements = [{ sid = "Read", actions = ["ssm:GetParameters"], resources = [] }] }
  expect_failures = [var.policy_statements]
}

run "a_sid_occurs_once" {
  command = plan
  variables {
    policy_statements = [
      { sid = "Read", actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:123456789012:table/a"] },
      { sid = "Read", actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-central-1:123456789012:table/b"] },
    ]
  }
  expect_failures = [var.policy_statements]
}

run "traces_when_asked" {
  command = plan
  variables { tracing = "Active" }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "Lambda must sample invocations"
  }
  assert {
    condition     = toset(one([for s in jsondecode(data.aws_iam_policy_document.calls.json).Statement : s.Action if s.Sid == "SendTraces"])) == toset(["xray:PutTelemetryRecords", "xray:PutTraceSegments"])
    error_message = "the role must be able to send them, and nothing else"
  }
}
