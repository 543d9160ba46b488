# One function: its code, its alias and its log group. role.tf has its rights, scaling.tf its warm environments, async.tf
# what becomes of events for whose answer nobody waits.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  function_name = "${var.name}-${var.function}"

  # Written out and not read from the resources, so that a plan shows the role's whole policy before anything exists.
  arn_prefix    = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
  function_arn  = "arn:${data.aws_partition.current.partition}:lambda:${local.arn_prefix}:function:${local.function_name}"
  log_group_arn = "arn:${data.aws_partition.current.partition}:logs:${local.arn_prefix}:log-group:/aws/lambda/${local.function_name}"
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:90 days by default, as the product promises; log_retention_days goes up to ten years
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn

  tags = { Component = var.function }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:Reserved concurrency is a variable; most functions should share the account's
  #checkov:skip=CKV_AWS_116:A dead letter queue takes failed asynchronous invocations: here callers wait for the answer, or async names who is told
  #checkov:skip=CKV_AWS_117:In the VPC only where the function reaches something private; elsewhere it would only cost start-up time and a NAT gateway
  #checkov:skip=CKV_AWS_272:The plan pins the package's hash; signing needs a signing profile per account, which the pipeline owns
  function_name = local.function_name
  description   = "OpenClaw gateway: ${var.function}"
  role          = aws_iam_role.this.arn

  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  publish          = true

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_s
  reserved_concurrent_executions = var.reserved_concurrency

  kms_key_arn = var.kms_key_arn

  dynamic "environment" {
    for_each = length(var.environment_variables) > 0 ? [var.environment_variables] : []
    content {
      variables = environment.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]
    content {
      subnet_ids                  = vpc_config.value.subnet_ids
      security_group_ids          = vpc_config.value.security_group_ids
      ipv6_allowed_for_dual_stack = vpc_config.value.dual_stack
    }
  }

  # Text: the function writes one JSON object a line itself, and Lambda must not wrap it into another.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = var.tracing_mode
  }

  tags = { Component = var.function }

  # Lambda tries the role's rights when it creates the function: network interfaces fail without them.
  depends_on = [aws_iam_role_policy.this]
}

# A published version keeps the mode that it was published with.
resource "aws_lambda_runtime_management_config" "this" {
  function_name       = aws_lambda_function.this.function_name
  update_runtime_on   = var.update_runtime_on
  runtime_version_arn = var.runtime_version_arn
}

# What the front doors call. A canary gives the newest version a share while the stable one serves the rest; a rollback
# names the stable one alone.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What the front doors call"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.stable_version, aws_lambda_function.this.version)

  dynamic "routing_config" {
    for_each = var.canary_weight > 0 ? [var.canary_weight] : []
    content {
      additional_version_weights = { (aws_lambda_function.this.version) = routing_config.value }
    }
  }

  lifecycle {
    precondition {
      # A new package makes a new version: then this is known, and checked, only after that.
      condition     = var.canary_weight == 0 || var.stable_version != aws_lambda_function.this.version
      error_message = "stable_version of ${local.function_name} is its newest version: there is no other to give canary_weight to; got ${coalesce(var.stable_version, "null")} with ${var.canary_weight}"
    }
  }
}
