# The web application firewall.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                       = "openclaw-test"
  subnet_ids                 = ["subnet-a", "subnet-b"]
  security_group_id          = "sg-1"
  certificate_arn            = "arn:aws:acm:eu-central-1:111122223333:certificate/c"
  access_logs_bucket         = "openclaw-test-logs-111122223333"
  logs_kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  longest_function_timeout_s = 90
  functions                  = { health = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-health:live", function_name = "openclaw-test-health", alias = "live" } }
  routes                     = { health = { priority = 10, paths = ["/v1/health"], function = "health" } }
  log_retention_days         = 90
  idle_timeout_s             = 120
  prompt_path_prefixes       = ["/v1/agent/"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].resource_arn == aws_lb.this.arn && aws_wafv2_web_acl_association.this[0].web_acl_arn == aws_wafv2_web_acl.this[0].arn && aws_wafv2_web_acl.this[0].scope == "REGIONAL"
    error_message = "the firewall must be associated with the load balancer"
  }
  assert {
    condition     = length(distinct([for r in aws_wafv2_web_acl.this[0].rule : r.priority])) == 6
    error_message = "there must be six rules, each with a priority of its own"
  }
  assert {
    condition = toset([for r in aws_wafv2_web_acl.this[0].rule : "${r.statement[0].managed_rule_group_statement[0].vendor_name} ${r.statement[0].managed_rule_group_statement[0].name}" if length(r.statement[0].managed_rule_group_statement) == 1]) == toset([
      "AWS AWSManagedRulesAmazonIpReputationList", "AWS AWSManagedRulesKnownBadInputsRuleSet", "AWS AWSManagedRulesCommonRuleSet", "AWS AWSManagedRulesSQLiRuleSet",
    ])
    error_message = "the groups must cover reputation, known bad inputs, common rules and SQL injection"
  }
  assert {
    condition     = alltrue([for r in aws_wafv2_web_acl.this[0].rule : length(one(r.override_action).none) == 1 if length(r.statement[0].managed_rule_group_statement) == 1])
    error_message = "the groups must block instead of only counting"
  }
  assert {
    condition = toset(flatten([for r in aws_wafv2_web_acl.this[0].rule :
      [for g in r.statement[0].managed_rule_group_statement : [for o in g.rule_action_override : "${g.name} ${o.name} ${length(o.action_to_use[0].count)}"]]
      ])) == toset([
      "AWSManagedRulesCommonRuleSet SizeRestrictions_BODY 1", "AWSManagedRulesCommonRuleSet CrossSiteScripting_BODY 1", "AWSManagedRulesCommonRuleSet GenericRFI_BODY 1",
      "AWSManagedRulesCommonRuleSet GenericLFI_BODY 1", "AWSManagedRulesCommonRuleSet EC2MetaDataSSRF_BODY 1",
      "AWSManagedRulesSQLiRuleSet SQLi_BODY 1", "AWSManagedRulesSQLiRuleSet SQLiExtendedPatterns_BODY 1",
      "AWSManagedRulesKnownBadInputsRuleSet JavaDeserializationRCE_BODY 1", "AWSManagedRulesKnownBadInputsRuleSet Log4JRCE_BODY 1", "AWSManagedRulesKnownBadInputsRuleSet ReactJSRCE_BODY 1",
    ])
    error_message = "exactly the ten body rules may count only"
  }
  assert {
    condition     = aws_cloudwatch_log_group.waf[0].name == "aws-waf-logs-openclaw-test" && aws_cloudwatch_log_group.waf[0].retention_in_days == 90 && aws_cloudwatch_log_group.waf[0].kms_key_id == var.logs_kms_key_arn
    error_message = "the log must be kept for 90 days and encrypted with our key"
  }
  assert {
    condition     = one(aws_wafv2_web_acl_logging_configuration.this[0].log_destination_configs) == aws_cloudwatch_log_group.waf[0].arn && aws_wafv2_web_acl_logging_configuration.this[0].redacted_fields[0].single_header[0].name == "authorization"
    error_message = "requests must be logged there, without the token"
  }
  assert {
    condition = toset([for p in aws_wafv2_web_acl.this[0].data_protection_config[0].data_protection : "${p.action} ${p.field[0].field_type} ${join(",", coalesce(p.field[0].field_keys, []))}"]) == toset([
      "SUBSTITUTION SINGLE_HEADER authorization", "SUBSTITUTION BODY ",
    ])
    error_message = "samples and match details must contain neither tokens nor prompts"
  }
  assert {
    condition = one(one(data.aws_iam_policy_document.waf_delivery[0].statement).resources) == "${aws_cloudwatch_log_group.waf[0].arn}:*" && toset([
      for c in one(data.aws_iam_policy_document.waf_delivery[0].statement).condition : "${c.test} ${c.variable} ${one(c.values)}"
    ]) == toset(["StringEquals aws:SourceAccount 111122223333", "ArnLike aws:SourceArn arn:aws:logs:eu-central-1:111122223333:*"])
    error_message = "only the log delivery of this account may write there"
  }
}

run "rate_per_ip" {
  command = plan
  variables { rate_limit_per_ip = 500 }

  assert {
    condition = [for r in aws_wafv2_web_acl.this[0].rule : "${r.statement[0].rate_based_statement[0].limit} ${r.statement[0].rate_based_statement[0].aggregate_key_type} ${r.statement[0].rate_based_statement[0].evaluation_window_sec} ${length(one(r.action).block)}"
    if r.name == "rate-per-ip"] == ["500 IP 300 1"]
    error_message = "an address must be blocked above the given rate in five minutes"
  }
}

run "body_rules_block_outside_prompt_routes" {
  command = plan
  variables { prompt_path_prefixes = ["/v1/agent/", "/v1/messages"] }

  assert {
    condition = toset(flatten([for r in aws_wafv2_web_acl.this[0].rule :
      [for s in one(r.statement[0].and_statement).statement[0].or_statement[0].statement : s.label_match_statement[0].key] if r.name == "body-rules-outside-prompts" && try(length(r.action[0].block) == 1, false)
      ])) == toset([
      "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body", "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body", "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
      "awswaf:managed:aws:core-rule-set:GenericRFI_Body", "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body",
      "awswaf:managed:aws:sql-database:SQLi_Body", "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body",
      "awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body", "awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body", "awswaf:managed:aws:known-bad-inputs:ReactJSRCE_Body",
    ])
    error_message = "every label that a counting rule adds must be blocked"
  }
  assert {
    condition = [for r in aws_wafv2_web_acl.this[0].rule :
      one(r.statement[0].and_statement).statement[1].not_statement[0].statement[0].regex_match_statement[0].regex_string if r.name == "body-rules-outside-prompts"
    ] == ["^(/v1/agent/|/v1/messages)"]
    error_message = "labelled requests must pass on the paths of prompts"
  }
  assert {
    condition     = max([for r in aws_wafv2_web_acl.this[0].rule : r.priority]...) == one([for r in aws_wafv2_web_acl.this[0].rule : r.priority if r.name == "body-rules-outside-prompts"])
    error_message = "the rule that reads labels must come after those that add them"
  }
}

run "without_it" {
  command = plan
  variables { waf = false }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0 && length(aws_cloudwatch_log_group.waf) == 0 && length(aws_cloudwatch_log_resource_policy.waf) == 0 && length(aws_wafv2_web_acl_logging_configuration.this) == 0 && output.web_acl_arn == null
    error_message = "there must be no resource of the firewall"
  }
}

run "the_root_is_not_a_prompt_path" {
  command = plan
  variables { prompt_path_prefixes = ["/"] }
  expect_failures = [var.prompt_path_prefixes]
}
