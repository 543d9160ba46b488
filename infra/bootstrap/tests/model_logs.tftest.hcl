# Bedrock's log of model invocations.

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
  mock_resource "aws_iam_policy" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:policy/made" }
  }
  mock_resource "aws_kms_key" {
    override_during = plan
    defaults        = { arn = "arn:aws:kms:eu-central-1:123456789012:key/made", key_id = "made" }
  }
}

variables {
  region = "eu-central-1"
}

run "not_unless_asked" {
  command = plan

  assert {
    condition     = length(aws_bedrock_model_invocation_logging_configuration.this) == 0 && length(aws_iam_role.model_logs) == 0 && length(aws_kms_key.model_logs) == 0
    error_message = "a setting of the whole account must stay as it is unless that is asked for"
  }
}

run "without_texts_by_default" {
  command = plan
  variables { model_invocation_logs = {} }

  assert {
    condition = (
      !aws_bedrock_model_invocation_logging_configuration.this[0].logging_config[0].text_data_delivery_enabled &&
      !aws_bedrock_model_invocation_logging_configuration.this[0].logging_config[0].embedding_data_delivery_enabled &&
      aws_bedrock_model_invocation_logging_configuration.this[0].logging_config[0].cloudwatch_config[0].log_group_name == "/openclaw-eu-central-1/model-invocations"
    )
    error_message = "prompts and answers must stay out of the log unless that is asked for"
  }
  assert {
    condition     = aws_cloudwatch_log_group.model_logs[0].retention_in_days == 90 && aws_cloudwatch_log_group.model_logs[0].kms_key_id == aws_kms_key.model_logs[0].arn && aws_kms_key.model_logs[0].enable_key_rotation
    error_message = "the log must be kept for 90 days and encrypted with a key of its own"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.model_logs.statement).resources == toset(["arn:aws:logs:eu-central-1:123456789012:log-group:/openclaw-eu-central-1/model-invocations:log-stream:aws/bedrock/modelinvocations"]) && aws_iam_role.model_logs[0].permissions_boundary == aws_iam_policy.service_boundary.arn
    error_message = "the role may write this stream only"
  }
  assert {
    condition     = toset([for c in one(data.aws_iam_policy_document.model_logs_trust.statement).condition : c.variable]) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "only Bedrock in this account may assume it"
  }
}

run "with_texts" {
  command = plan
  variables { model_invocation_logs = { texts = true, retention_days = 30 } }

  assert {
    condition     = aws_bedrock_model_invocation_logging_configuration.this[0].logging_config[0].text_data_delivery_enabled && aws_cloudwatch_log_group.model_logs[0].retention_in_days == 30
    error_message = "what is asked for must be in the log"
  }
}

run "a_period_that_aws_does_not_offer" {
  command = plan
  variables { model_invocation_logs = { retention_days = 31 } }
  expect_failures = [var.model_invocation_logs]
}
