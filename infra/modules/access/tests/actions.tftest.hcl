# What actions of agents may connect to.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "openclaw-test"
  vpc_id      = "vpc-1"
  ollama_port = 11434
}

run "private_networks" {
  command = plan
  variables {
    private_egress = {
      "10.1.2.0/24:9443"  = { cidr = "10.1.2.0/24", port = 9443 }
      "fd00:10::/64:5432" = { cidr = "fd00:10::/64", port = 5432 }
    }
  }

  assert {
    condition = toset([for r in aws_vpc_security_group_egress_rule.actions : "${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset([
      "10.1.2.0/24 tcp 9443-9443", "fd00:10::/64 tcp 5432-5432",
    ])
    error_message = "each network must be open at exactly its port"
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_egress_rule.actions : r.security_group_id == aws_security_group.actions[0].id]) && aws_security_group.actions[0].name == "openclaw-test-actions" && one(output.actions_security_group_ids) == aws_security_group.actions[0].id
    error_message = "the rules must be in a group of their own, which not every function has"
  }
  assert {
    condition     = length(output.actions_security_group_ids) == 1 && strcontains(regex("(?s)output \"actions_security_group_ids\" [{].*?\n[}]\n", file("outputs.tf")), "aws_vpc_security_group_egress_rule.actions]")
    error_message = "the group must be known only when its rules exist"
  }
}

run "none" {
  command = plan

  assert {
    condition     = length(aws_security_group.actions) == 0 && length(aws_vpc_security_group_egress_rule.actions) == 0 && length(output.actions_security_group_ids) == 0
    error_message = "without private networks there must be no group"
  }
}

run "other_ports_of_the_internet" {
  command = plan
  variables {
    functions_reach_internet = true
    functions_internet_ports = [8443]
  }

  assert {
    condition = toset([for r in aws_vpc_security_group_egress_rule.functions_internet_ports : "${r.security_group_id} ${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset([
      "${aws_security_group.functions.id} 0.0.0.0/0 tcp 8443-8443", "${aws_security_group.functions.id} ::/0 tcp 8443-8443",
    ])
    error_message = "the port must be open as 443 is"
  }
}

run "no_port_without_the_internet" {
  command = plan
  variables { functions_internet_ports = [8443] }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.functions_internet_ports) == 0
    error_message = "functions that may not reach the internet must not reach it at another port"
  }
}

run "not_everything" {
  command = plan
  variables { private_egress = { all = { cidr = "0.0.0.0/0", port = 443 } } }

  expect_failures = [var.private_egress]
}

run "not_in_canonical_form" {
  command = plan
  variables { private_egress = { wide = { cidr = "10.1.2.3/8", port = 443 } } }

  expect_failures = [var.private_egress]
}
