mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/openclaw-test-sign-in/1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:aws-waf-logs-openclaw-test-sign-in" }
  }
}

variables {
  name               = "openclaw-test"
  user_pool_arn      = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_TEST"
  rate_limit_per_ip  = 300
  logs_kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  log_retention_days = 90
}

run "it_protects_the_pool" {
  command = plan

  assert {
    condition     = aws_wafv2_web_acl_association.this.resource_arn == var.user_pool_arn && aws_wafv2_web_acl_association.this.web_acl_arn == aws_wafv2_web_acl.this.arn
    error_message = "the pool must be protected"
  }
  assert {
    condition     = one([for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].rate_based_statement[0] if rule.name == "rate-per-ip"]).limit == 300 && length(one([for rule in aws_wafv2_web_acl.this.rule : rule.action[0].block if rule.name == "rate-per-ip"])) == 1
    error_message = "an address must be blocked after 300 requests"
  }
  assert {
    condition     = toset(flatten([for rule in aws_wafv2_web_acl.this.rule : rule.statement[0].managed_rule_group_statement[*].name])) == toset(["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"])
    error_message = "addresses of bad reputation and known attacks must be blocked"
  }
  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : alltrue([for override in rule.override_action : length(override.none) == 1])])
    error_message = "no group may count only"
  }
  assert {
    condition = (
      aws_wafv2_web_acl_logging_configuration.this.log_destination_configs == toset([aws_cloudwatch_log_group.this.arn]) && startswith(aws_cloudwatch_log_group.this.name, "aws-waf-logs-openclaw-test") &&
      aws_cloudwatch_log_group.this.kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 90
    )
    error_message = "its log must be encrypted and kept for 90 days"
  }
  assert {
    condition     = toset(flatten([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[*].name])) == toset(["authorization", "cookie"])
    error_message = "the log must contain neither client secrets nor sessions"
  }
}

run "a_limit_below_that_of_aws" {
  command = plan
  variables { rate_limit_per_ip = 9 }
  expect_failures = [var.rate_limit_per_ip]
}
