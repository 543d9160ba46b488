# AWS evaluates rules in the order of their priority. Body rules of the managed groups only count and add a label, because
# prompts are long and may quote code, SQL, exploits or addresses; the last rule blocks labelled requests on all other
# paths. The functions limit every body themselves. AWS ignores an override of a rule that does not exist, so names and
# labels are taken from "Baseline rule groups" in the AWS WAF Developer Guide.

locals {
  waf_count = var.waf ? 1 : 0

  # By managed group: its rules that inspect the body, and the labels that these add.
  managed_groups = {
    AWSManagedRulesAmazonIpReputationList = { priority = 20, body_rules = {} }
    AWSManagedRulesKnownBadInputsRuleSet = {
      priority = 30
      body_rules = {
        JavaDeserializationRCE_BODY = "awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body"
        Log4JRCE_BODY               = "awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body"
        ReactJSRCE_BODY             = "awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body"
      }
    }
    AWSManagedRulesCommonRuleSet = {
      priority = 40
      body_rules = {
        SizeRestrictions_BODY   = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"
        CrossSiteScripting_BODY = "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body"
        GenericLFI_BODY         = "awswaf:managed:aws:core-rule-set:GenericLFI_Body"
        GenericRFI_BODY         = "awswaf:managed:aws:core-rule-set:GenericRFI_Body"
        EC2MetaDataSSRF_BODY    = "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body"
      }
    }
    AWSManagedRulesSQLiRuleSet = {
      priority = 50
      body_rules = {
        SQLi_BODY                 = "awswaf:managed:aws:sql-database:SQLi_Body"
        SQLiExtendedPatterns_BODY = "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body"
      }
    }
  }

  body_labels = flatten([for group in values(local.managed_groups) : values(group.body_rules)])
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192: local.managed_groups contains AWSManagedRulesKnownBadInputsRuleSet; checkov does not resolve its dynamic block
  count = local.waf_count

  name        = var.name
  description = "Protects the load balancer of ${var.name}"
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
      metric_name                = "${var.name}-rate-per-ip"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_groups

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.body_rules

            content {
              name = rule_action_override.key

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  rule {
    name     = "body-rules-outside-prompts"
    priority = 60

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          or_statement {
            dynamic "statement" {
              for_each = local.body_labels

              content {
                label_match_statement {
                  scope = "LABEL"
                  key   = statement.value
                }
              }
            }
          }
        }

        statement {
          not_statement {
            statement {
              regex_match_statement {
                regex_string = "^(${join("|", var.prompt_path_prefixes)})"

                field_to_match {
                  uri_path {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-body-rules-outside-prompts"
      sampled_requests_enabled   = true
    }
  }

  # Logs and samples contain neither tokens nor prompts, not even the part of a body that matched.
  data_protection_config {
    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "SINGLE_HEADER"
        field_keys = ["authorization"]
      }
    }

    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "BODY"
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  tags = { Component = "edge" }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = local.waf_count

  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}
