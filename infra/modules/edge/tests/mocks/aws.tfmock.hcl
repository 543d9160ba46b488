mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_resource "aws_lb" {
  defaults = {
    arn_suffix = "app/openclaw-test/50dc6c495c0c9188"
    dns_name   = "openclaw-test-1.eu-central-1.elb.amazonaws.com"
  }
}

# Named here so that their ARNs are known in a plan.
mock_resource "aws_lb_target_group" {}
mock_resource "aws_lb_listener" {}
mock_resource "aws_wafv2_web_acl" {}
mock_resource "aws_cloudwatch_log_group" {}
