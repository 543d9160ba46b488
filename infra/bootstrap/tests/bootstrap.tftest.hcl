mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  region = "eu-central-1"
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state.bucket == "openclaw-state-123456789012-eu-central-1"
    error_message = "the bucket's name must contain the account and the region"
  }
  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "the state must be versioned"
  }
  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.state.rule[0].status == "Enabled" &&
      aws_s3_bucket_lifecycle_configuration.state.rule[0].noncurrent_version_expiration[0].noncurrent_days == 90
    )
    error_message = "old versions must expire after 90 days"
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.state.rule) == 1
    error_message = "no rule may affect the current version"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    error_message = "KMS must encrypt the state"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).bucket_key_enabled
    error_message = "a bucket key must save KMS calls"
  }
  assert {
    condition     = aws_kms_key.state.enable_key_rotation && aws_kms_key.state.deletion_window_in_days == 30
    error_message = "the key must rotate, and take 30 days to delete"
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls,
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
    ])
    error_message = "all public access must be blocked"
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.state.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "access control lists must be disabled"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.state.statement : statement.effect == "Deny"])
    error_message = "the bucket's policy must grant nothing"
  }
  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.state.statement : one(statement.condition) if statement.sid == "OnlyTls"
    ]) == { test = "Bool", variable = "aws:SecureTransport", values = tolist(["false"]) }
    error_message = "a request without TLS must be refused"
  }
  assert {
    condition = anytrue(flatten([
      for statement in data.aws_iam_policy_document.state.statement : [
        for condition in statement.condition : condition.variable == "aws:PrincipalAccount" && condition.values == tolist(["123456789012"])
      ] if statement.sid == "OnlyOurAccount"
    ]))
    error_message = "another account must be refused"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.state.statement :
      statement.actions == toset(["s3:*"]) && statement.resources == toset([
        "arn:aws:s3:::openclaw-state-123456789012-eu-central-1",
        "arn:aws:s3:::openclaw-state-123456789012-eu-central-1/*",
      ]) if contains(["OnlyTls", "OnlyOurAccount"], statement.sid)
    ])
    error_message = "the refusals must cover the bucket and its objects"
  }
  assert {
    condition     = toset([for statement in data.aws_iam_policy_document.state.statement : statement.sid]) == toset(["OnlyTls", "OnlyOurAccount", "OnlyKms", "OnlyOurKey"])
    error_message = "an object under another key must be refused too"
  }
  assert {
    condition = alltrue([
      for action in flatten([
        for document in [data.aws_iam_policy_document.function_boundary, data.aws_iam_policy_document.host_boundary] :
        [for statement in document.statement : tolist(statement.actions)]
      ]) : !can(regex("^(iam|sts|organizations|account):|[*]|^kms:(Create|Put|Schedule|Disable)|Delete(Table|Secret|Parameter)", action))
    ])
    error_message = "no boundary may permit iam, sts, administration of keys, deletion of stores, or a wildcard in an action"
  }
  assert {
    condition     = aws_iam_policy.function_boundary.name == "openclaw-eu-central-1-boundary" && aws_iam_policy.host_boundary.name == "openclaw-eu-central-1-host-boundary"
    error_message = "the boundaries must have the names that deployments expect"
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.function_boundary.statement : tolist(statement.actions)])) == toset([
      "bedrock:ApplyGuardrail", "bedrock:CountTokens", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream",
      "bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles",
      "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
      "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
      "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
      "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
      "execute-api:ManageConnections",
      "kms:Decrypt", "kms:GenerateDataKey",
      "lambda:InvokeFunction",
      "logs:CreateLogStream", "logs:PutLogEvents",
      "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectTagging",
      "secretsmanager:GetSecretValue",
      "ssm:GetParameters",
      "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    ])
    error_message = "the boundary must permit exactly these actions, because a new one is a decision"
  }
  assert {
    condition = alltrue([
      for statement in concat(data.aws_iam_policy_document.function_boundary.statement, data.aws_iam_policy_document.host_boundary.statement) :
      alltrue([for arn in statement.resources : arn != "*" && can(regex("^arn:aws:[a-z0-9-]+:eu-central-1:(123456789012)?:|^arn:aws:route53:::|^arn:aws:s3:::openclaw-[*]-audit(-contents)?-123456789012(/|$)", arn))]) ||
      anytrue([for condition in statement.condition : contains(["aws:RequestedRegion", "cloudwatch:namespace"], condition.variable)])
    ])
    error_message = "a condition must restrict what has no ARN of this region"
  }
  assert {
    condition = alltrue([
      for arn in flatten([for statement in data.aws_iam_policy_document.function_boundary.statement : tolist(statement.resources)]) :
      arn == "*" || can(regex(":123456789012:|^arn:aws:s3:::openclaw-[*]-audit(-contents)?-123456789012(/[*])?$", arn)) || arn == "arn:aws:bedrock:*::foundation-model/*"
    ])
    error_message = "only AWS's own models may belong to another account"
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.function_boundary.statement :
      anytrue([for condition in statement.condition : condition.variable == "lambda:SourceFunctionArn" && condition.test == "Null"])
      if statement.sid == "NetworkInterfaces"
    ])
    error_message = "code in a function must not change network interfaces"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.function_boundary.statement : statement.resources if contains(statement.actions, "lambda:InvokeFunction")]) == toset(["arn:aws:lambda:eu-central-1:123456789012:function:openclaw-*:live"])
    error_message = "functions may invoke functions of this product only, through the alias"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.function_boundary.statement : statement.resources if contains(statement.actions, "s3:DeleteObject")]) == toset(["arn:aws:s3:::openclaw-*-audit-contents-123456789012/*"])
    error_message = "no function may delete an entry of the audit trail"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.function_boundary.statement : statement.resources if contains(statement.actions, "execute-api:ManageConnections")]) == toset(["arn:aws:execute-api:eu-central-1:123456789012:*/live/POST/@connections/*"])
    error_message = "functions may post to connections of this account and region, and not close them"
  }
  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.api_gateway) == 0
    error_message = "a setting of the whole account must stay as it is unless that is asked for"
  }
  assert {
    condition     = local.backend.use_lockfile && !can(local.backend.dynamodb_table)
    error_message = "the lock must be a file beside the state"
  }
  assert {
    condition     = local.backend.encrypt && local.backend.bucket == aws_s3_bucket.state.bucket && local.backend.region == "eu-central-1"
    error_message = "the state must be written encrypted, to this bucket"
  }
}

run "api_gateway_gets_a_role_when_asked" {
  command = plan
  variables { api_gateway_logs = true }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1 && aws_iam_role.api_gateway[0].name == "openclaw-eu-central-1-api-gateway-logs" && aws_iam_role_policy.api_gateway[0].role == aws_iam_role.api_gateway[0].name
    error_message = "API Gateway must have a role of the region, whose name no other region uses"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.api_gateway_trust.statement[0].principals).identifiers == toset(["apigateway.amazonaws.com"]) && length(data.aws_iam_policy_document.api_gateway_trust.statement) == 1
    error_message = "only API Gateway may assume its role"
  }
  assert {
    condition = (
      length(data.aws_iam_policy_document.api_gateway_logs.statement) == 1 &&
      data.aws_iam_policy_document.api_gateway_logs.statement[0].actions == toset([
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents",
      ]) &&
      data.aws_iam_policy_document.api_gateway_logs.statement[0].resources == toset(["arn:aws:logs:eu-central-1:123456789012:log-group:*"])
    )
    error_message = "the role must have what API Gateway requires, in this account and region only"
  }
}

run "another_bedrock_region_only_by_name" {
  command = plan
  variables {
    bedrock_regions = ["eu-west-1"]
  }

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.function_boundary.statement : [for condition in statement.condition : [condition.test, condition.variable, join(" ", condition.values)]]
      if contains(statement.actions, "bedrock:InvokeModel")
    ] == [[["StringEquals", "aws:RequestedRegion", "eu-central-1 eu-west-1"]]]
    error_message = "eu-west-1 must be permitted, because it is named, and no other region"
  }
  assert {
    condition = !anytrue(flatten([
      for statement in data.aws_iam_policy_document.function_boundary.statement : [
        strcontains(jsonencode([tolist(statement.resources), [for condition in statement.condition : tolist(condition.values)]]), "eu-west-1"),
        strcontains(jsonencode(tolist(statement.resources)), ":*:"),
      ] if !contains(statement.actions, "bedrock:InvokeModel")
    ]))
    error_message = "the other region must be permitted for Bedrock only"
  }
}

run "global_profiles_only_when_meant" {
  command = plan
  variables {
    bedrock_global = true
  }

  assert {
    condition     = jsonencode(local.model_regions) == jsonencode(["eu-central-1", "unspecified"])
    error_message = "a request without a region must be permitted, because AWS checks a request of a global profile as one; got ${jsonencode(local.model_regions)}"
  }
}

run "wrong_values" {
  command = plan
  variables {
    region               = "frankfurt"
    name                 = "OpenClaw"
    bedrock_regions      = ["*"]
    state_retention_days = 1
    allowed_account_ids  = ["1"]
  }
  expect_failures = [var.region, var.name, var.bedrock_regions, var.state_retention_days, var.allowed_account_ids]
}
