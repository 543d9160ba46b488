# A web application firewall in front of the user pool: its sign-in pages, its token endpoint and its public API calls, none of which
# passes the front door. Cognito shows it neither passwords nor codes.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  full_name = "${var.name}-sign-in"

  # Those without rules on bodies that a password or a redirect URL would match.
  managed_groups = { AWSManagedRulesAmazonIpReputationList = 20, AWSManagedRulesKnownBadInputsRuleSet = 30 }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192: local.managed_groups contains AWSManagedRulesKnownBadInputsRuleSet; checkov does not resolve its dynamic block
  name        = local.full_name
  description = "Protects the user pool of ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "rate-per-ip"
    priority = 10

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = var.rate_limit_per_ip
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${local.full_name}-rate-per-ip"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_groups

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.full_name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.full_name
    sampled_requests_enabled   = true
  }

  tags = { Component = "sign-in-firewall" }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = var.user_pool_arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# ---- Its log

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  # AWS WAF accepts only groups with this prefix.
  name              = "aws-waf-logs-${local.full_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = "sign-in-firewall" }
}

data "aws_iam_policy_document" "delivery" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"] # the streams of this group

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:*"] # the delivery's id is not known beforehand
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name     = local.full_name
  policy_document = data.aws_iam_policy_document.delivery.json
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  # Client secrets, and session cookies of the sign-in pages.
  dynamic "redacted_fields" {
    for_each = toset(["authorization", "cookie"])

    content {
      single_header {
        name = redacted_fields.key
      }
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.this]
}
