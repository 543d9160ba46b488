# Ways out at other ports than 443.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  logs_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  endpoint_resource_arns = {
    s3       = ["arn:aws:s3:::openclaw-test-audit-111122223333/*"]
    dynamodb = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
  }
  log_retention_days          = 90
  cidr                        = "10.0.0.0/16"
  zone_count                  = 2
  nat_gateways                = "one_per_zone"
  endpoints_security_group_id = "sg-endpoints"
  permissions_boundary_arn    = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
  interface_endpoints         = []
}

run "none_unless_asked" {
  command = plan

  assert {
    condition     = length(aws_network_acl_rule.egress) == 0
    error_message = "no other port may be open"
  }
}

run "networks_and_hosts" {
  command = plan
  variables {
    egress = [
      { cidr = "10.1.2.0/24", port = 5432 }, { cidr = "fd00:10::/64", port = 9443 },
      { cidr = null, port = 444 }, { cidr = null, port = 8443 },
    ]
  }

  assert {
    condition = jsonencode([for r in aws_network_acl_rule.egress : "${r.network_acl_id == aws_network_acl.private.id ? "private" : "public"} ${r.egress ? "out" : "in"} ${try(coalesce(r.cidr_block, r.ipv6_cidr_block), "none")} ${r.from_port}-${r.to_port}"]) == jsonencode([
      "private out 10.1.2.0/24 5432-5432", "private out fd00:10::/64 9443-9443",
      "private out 0.0.0.0/0 444-444", "private out ::/0 444-444", "public in 10.0.0.0/16 444-444", "public out 0.0.0.0/0 444-444",
      "private out 0.0.0.0/0 8443-8443", "private out ::/0 8443-8443",
    ])
    error_message = "each must be open at its port alone; got ${jsonencode([for r in aws_network_acl_rule.egress : [r.egress, r.cidr_block, r.ipv6_cidr_block, r.from_port]])}"
  }
  assert {
    condition     = length(distinct(aws_network_acl_rule.egress[*].rule_number)) == 8 && alltrue([for r in aws_network_acl_rule.egress : r.rule_number >= 120 && r.rule_number < 200 && r.protocol == "tcp" && r.rule_action == "allow"])
    error_message = "each must have a number of its own, beside those of acls.tf"
  }
}

run "more_than_a_network_acl_has" {
  command = plan
  variables { egress = [for port in range(8000, 8016) : { cidr = "10.1.2.0/24", port = port }] }

  expect_failures = [var.egress]
}
