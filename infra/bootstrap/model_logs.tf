# Bedrock's own log of every call of a model, if that is asked for. It is a setting of the account and region: it also logs calls of
# other programs, and replaces a setting that exists.

locals {
  model_logs_count = var.model_invocation_logs == null ? 0 : 1
  model_logs_group = "/${var.name}-${var.region}/model-invocations"
  model_logs_arn   = "arn:${local.partition}:logs:${local.here}:log-group:${local.model_logs_group}"
}

data "aws_iam_policy_document" "model_logs_key" {
  #checkov:skip=CKV_AWS_109: a key policy, because the account must be able to administer its key
  #checkov:skip=CKV_AWS_111: the same; IAM decides who in the account may
  #checkov:skip=CKV_AWS_356: in a key policy * means this key
  source_policy_documents = [data.aws_iam_policy_document.key_administration.json]

  statement {
    sid       = "UsedByThisLogGroup"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"] # * for both calls of each
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.${data.aws_partition.current.dns_suffix}"]
    }
    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [local.model_logs_arn]
    }
  }
}

resource "aws_kms_key" "model_logs" {
  count = local.model_logs_count

  description             = "Log of model invocations of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.model_logs_key.json
}

resource "aws_cloudwatch_log_group" "model_logs" {
  #checkov:skip=CKV_AWS_338: the log may contain prompts, so it is kept for as long as the operator says
  count = local.model_logs_count

  name              = local.model_logs_group
  retention_in_days = var.model_invocation_logs.retention_days
  kms_key_id        = aws_kms_key.model_logs[0].arn
}

data "aws_iam_policy_document" "model_logs_trust" {
  statement {
    sid     = "AssumedByBedrock"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:bedrock:${local.here}:*"] # the setting has no ARN of its own
    }
  }
}

data "aws_iam_policy_document" "model_logs" {
  statement {
    sid       = "WriteThisGroup"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.model_logs_arn}:log-stream:aws/bedrock/modelinvocations"] # Bedrock writes this stream
  }
}

resource "aws_iam_role" "model_logs" {
  count = local.model_logs_count

  name               = "${var.name}-${var.region}-model-logs"
  description        = "Writes Bedrock's log of model invocations"
  assume_role_policy = data.aws_iam_policy_document.model_logs_trust.json

  permissions_boundary = aws_iam_policy.service_boundary.arn
}

resource "aws_iam_role_policy" "model_logs" {
  count = local.model_logs_count

  name   = "write-logs"
  role   = aws_iam_role.model_logs[0].name
  policy = data.aws_iam_policy_document.model_logs.json
}

resource "aws_bedrock_model_invocation_logging_configuration" "this" {
  count = local.model_logs_count

  logging_config {
    text_data_delivery_enabled      = var.model_invocation_logs.texts
    image_data_delivery_enabled     = false
    video_data_delivery_enabled     = false
    embedding_data_delivery_enabled = false

    cloudwatch_config {
      log_group_name = aws_cloudwatch_log_group.model_logs[0].name
      role_arn       = aws_iam_role.model_logs[0].arn
    }
  }

  # Bedrock tries the role when it receives it.
  depends_on = [aws_iam_role_policy.model_logs]
}
