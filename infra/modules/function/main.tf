# One function: its code, its alias and its log group. role.tf has its permissions, scaling.tf its warm execution
# environments, async.tf its asynchronous invocations.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  function_name = "${var.name}-${var.function}"

  # Written out instead of read from the resources, so that a plan shows the role's whole policy before anything exists.
  arn_prefix    = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
  function_arn  = "arn:${data.aws_partition.current.partition}:lambda:${local.arn_prefix}:function:${local.function_name}"
  log_group_arn = "arn:${data.aws_partition.current.partition}:logs:${local.arn_prefix}:log-group:/aws/lambda/${local.function_name}"
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = var.function }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115: reserved concurrency is a variable; most functions should share the account's
  #checkov:skip=CKV_AWS_116: callers wait for the answer, or async names the destination of failed events
  #checkov:skip=CKV_AWS_117: a function runs in the VPC only if it reaches something private; otherwise the VPC would cost start-up time and a NAT gateway
  #checkov:skip=CKV_AWS_272: the plan pins the package's hash; signing needs a signing profile per account, which the pipeline owns
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
      ipv6_allowed_for_dual_stack = true
    }
  }

  # Text, because the function writes one JSON object per line itself, which Lambda must not wrap into another.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = var.tracing
  }

  tags = { Component = var.function }

  # Lambda checks the role's permissions when it creates the function, and creates network interfaces with them.
  depends_on = [aws_iam_role_policy.this]
}

# What the front doors invoke. In a canary the newest version gets a share of the requests and the stable one the rest; in a
# rollback the stable version gets all.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "Invoked by the front doors"
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
      # A new package publishes a new version, so with one this is checked only then.
      condition     = var.canary_weight == 0 || var.stable_version != aws_lambda_function.this.version
      error_message = "stable_version of ${local.function_name} must not be its newest version, which gets canary_weight; got ${coalesce(var.stable_version, "null")} with ${var.canary_weight}"
    }
  }
}
