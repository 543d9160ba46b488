# Who may connect to what: the security groups. allowed.tftest.hcl has the list of networks.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name   = "openclaw-test"
  vpc_id = "vpc-1"
  allowed_cidrs = {
    office = { cidr = "203.0.113.0/24", owner = "network team", approved_by = "security team", reason = "staff's office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    site6  = { cidr = "2001:db8::/32", owner = "network team", approved_by = "security team", reason = "branch", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
  }
  ollama_port = 11434
}

run "by_default" {
  command = plan

  assert {
    condition = toset([for r in aws_vpc_security_group_ingress_rule.load_balancer : "${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset([
      "203.0.113.0/24 tcp 443-443", "2001:db8::/32 tcp 443-443",
    ])
    error_message = "port 443 and no other must be open for each entry"
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_ingress_rule.load_balancer : r.security_group_id == aws_security_group.load_balancer[0].id])
    error_message = "the rules must be in the load balancer's group"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer["office-443"].description == "office: network team, approved by security team, staff-s office, until ${var.allowed_cidrs.office.expires}"
    error_message = "the rule must show owner, approval, reason and expiry, in characters that EC2 accepts"
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.load_balancer_key_set) == 0
    error_message = "the load balancer must open no connection"
  }
  assert {
    condition     = data.aws_ec2_managed_prefix_list.s3.name == "com.amazonaws.eu-central-1.s3" && data.aws_ec2_managed_prefix_list.dynamodb.name == "com.amazonaws.eu-central-1.dynamodb"
    error_message = "the prefix lists must be those of S3 and DynamoDB"
  }
  assert {
    condition = toset(values(aws_vpc_security_group_egress_rule.functions_prefix_lists)[*].prefix_list_id) == toset([
      data.aws_ec2_managed_prefix_list.s3.id, data.aws_ec2_managed_prefix_list.dynamodb.id,
    ])
    error_message = "functions must reach the prefix lists"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.functions_endpoints[0].referenced_security_group_id == aws_security_group.endpoints[0].id
    error_message = "functions must reach the endpoints' group"
  }
  assert {
    condition = alltrue([
      for r in concat(values(aws_vpc_security_group_egress_rule.functions_prefix_lists), aws_vpc_security_group_egress_rule.functions_endpoints) :
      r.security_group_id == aws_security_group.functions.id && r.ip_protocol == "tcp" && r.from_port == 443 && r.to_port == 443 && r.cidr_ipv4 == null && r.cidr_ipv6 == null
    ])
    error_message = "functions must reach port 443 only, and no address block"
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.functions_internet) == 0 && length(aws_vpc_security_group_egress_rule.functions_ollama) == 0
    error_message = "functions must reach neither the internet nor an Ollama host by default"
  }
  assert {
    condition     = length(aws_security_group.ollama) == 0 && length(aws_vpc_security_group_ingress_rule.ollama_functions) == 0 && output.ollama_security_group_id == null && keys(aws_vpc_security_group_ingress_rule.endpoints) == ["functions"]
    error_message = "there must be no group or rule for Ollama"
  }
  assert {
    condition = alltrue([for r in aws_vpc_security_group_ingress_rule.endpoints :
      r.security_group_id == aws_security_group.endpoints[0].id && r.referenced_security_group_id == aws_security_group.functions.id && r.from_port == 443 && r.to_port == 443
    ])
    error_message = "endpoints must admit port 443 from the functions"
  }
}

run "port_80_when_asked" {
  command = plan
  variables { redirect_http = true }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.load_balancer) == ["office-443", "office-80", "site6-443", "site6-80"] && aws_vpc_security_group_ingress_rule.load_balancer["office-80"].to_port == 80
    error_message = "ports 80 and 443 must be open for each entry"
  }
}

run "load_balancer_reads_the_key_set" {
  command = plan
  variables { load_balancer_reaches_internet = true }

  assert {
    condition = toset([for r in aws_vpc_security_group_egress_rule.load_balancer_key_set : "${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.from_port}-${r.to_port}"]) == toset([
      "0.0.0.0/0 443-443", "::/0 443-443",
    ])
    error_message = "the load balancer must open HTTPS connections only"
  }
}

run "without_a_load_balancer" {
  command = plan
  variables { load_balancer = false }

  assert {
    condition     = length(aws_security_group.load_balancer) == 0 && length(aws_vpc_security_group_ingress_rule.load_balancer) == 0 && output.load_balancer_security_group_id == null
    error_message = "there must be no resource of the load balancer"
  }
}

run "functions_reach_the_internet_only_when_asked" {
  command = plan
  variables { functions_reach_internet = true }

  assert {
    condition = toset([for r in aws_vpc_security_group_egress_rule.functions_internet : "${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset([
      "0.0.0.0/0 tcp 443-443", "::/0 tcp 443-443",
    ])
    error_message = "functions must reach HTTPS over both address families"
  }
}

run "ollama_is_reached_only_from_the_functions" {
  command = plan
  variables {
    create_ollama_group = true
    ollama_port         = 11435
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.ollama_functions[0].security_group_id == aws_security_group.ollama[0].id &&
      aws_vpc_security_group_ingress_rule.ollama_functions[0].referenced_security_group_id == aws_security_group.functions.id &&
      aws_vpc_security_group_ingress_rule.ollama_functions[0].from_port == 11435 && aws_vpc_security_group_ingress_rule.ollama_functions[0].to_port == 11435 &&
      aws_vpc_security_group_ingress_rule.ollama_functions[0].cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.ollama_functions[0].cidr_ipv6 == null
    )
    error_message = "the host must admit one port from one group"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.functions_ollama[0].referenced_security_group_id == aws_security_group.ollama[0].id && aws_vpc_security_group_egress_rule.functions_ollama[0].from_port == 11435
    error_message = "the functions must be able to reach the host"
  }
  assert {
    condition = alltrue([for r in concat(aws_vpc_security_group_egress_rule.ollama_endpoints, aws_vpc_security_group_egress_rule.ollama_s3, values(aws_vpc_security_group_egress_rule.ollama_internet)) :
      r.security_group_id == aws_security_group.ollama[0].id && r.from_port == 443 && r.to_port == 443
    ])
    error_message = "the host itself must open HTTPS connections only"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints["ollama"].referenced_security_group_id == aws_security_group.ollama[0].id
    error_message = "the endpoints must admit the host"
  }
}

run "hosts_start_when_their_rules_exist" {
  command = plan

  assert {
    condition = output.functions_security_group_id == aws_security_group.functions.id && alltrue(flatten([
      for group in ["functions", "ollama"] : [
        for rule in concat(regexall("resource \"(aws_vpc_security_group_egress_rule)\" \"(${group}_[a-z0-9_]+)\"", file("security_groups.tf")), [["aws_vpc_security_group_ingress_rule", "endpoints"]]) :
        strcontains(regex("(?s)output \"${group}_security_group_id\" [{].*?\n[}]\n", file("outputs.tf")), "    ${rule[0]}.${rule[1]},\n")
      ]
    ]))
    error_message = "a security group must be known only when its rules exist"
  }
}

run "in_a_vpc_that_exists_already" {
  command = plan
  variables {
    create_ollama_group = true
    endpoint_cidrs      = ["10.9.0.0/16", "100.64.0.0/20"]
  }

  assert {
    condition     = length(aws_security_group.endpoints) == 0 && length(aws_vpc_security_group_ingress_rule.endpoints) == 0 && length(aws_vpc_security_group_egress_rule.functions_endpoints) == 0 && length(aws_vpc_security_group_egress_rule.ollama_endpoints) == 0 && output.endpoints_security_group_id == null
    error_message = "endpoints of the VPC's owner must get no group of ours"
  }
  assert {
    condition = alltrue([for rules in [aws_vpc_security_group_egress_rule.functions_vpc, aws_vpc_security_group_egress_rule.ollama_vpc] :
      toset([for r in rules : "${r.cidr_ipv4} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset(["10.9.0.0/16 tcp 443-443", "100.64.0.0/20 tcp 443-443"])
    ])
    error_message = "functions and host must reach endpoints anywhere in the VPC"
  }
}
