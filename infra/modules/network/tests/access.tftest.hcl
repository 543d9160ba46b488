# Who can reach what: security groups, allowed_cidrs, endpoints.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  logs_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  endpoint_resource_arns = {
    s3              = ["arn:aws:s3:::openclaw-test-audit-111122223333/*"]
    dynamodb        = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
    bedrock-runtime = ["arn:aws:bedrock:eu-central-1::foundation-model/x"]
    logs            = ["arn:aws:logs:eu-central-1:111122223333:log-group:/openclaw-test/*"]
    secretsmanager  = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:openclaw-test/*"]
    ssm             = ["arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/*"]
  }
  allowed_cidrs = {
    office = { cidr = "203.0.113.0/24", owner = "network team", reason = "staff's office", expires = "2999-12-31" }
    site6  = { cidr = "2001:db8::/32", owner = "network team", reason = "branch", expires = "2999-12-31" }
  }
  log_retention_days  = 90
  cidr                = "10.0.0.0/16"
  zone_count          = 2
  nat_gateways        = "one_per_zone"
  ollama_port         = 11434
  interface_endpoints = ["bedrock", "bedrock-runtime", "logs", "secretsmanager", "ssm"]
}

run "by_default" {
  command = plan

  assert {
    condition = toset([for r in aws_vpc_security_group_ingress_rule.load_balancer : "${try(coalesce(r.cidr_ipv4, r.cidr_ipv6), "none")} ${r.ip_protocol} ${r.from_port}-${r.to_port}"]) == toset([
      "203.0.113.0/24 tcp 80-80", "203.0.113.0/24 tcp 443-443", "2001:db8::/32 tcp 80-80", "2001:db8::/32 tcp 443-443",
    ])
    error_message = "exactly ports 80 and 443 must be open for each entry"
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_ingress_rule.load_balancer : r.security_group_id == aws_security_group.load_balancer[0].id])
    error_message = "the rules must be in the load balancer's group"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer["office-443"].description == "office: network team, staff-s office, until 2999-12-31"
    error_message = "the rule must show owner, reason and expiry, in characters that EC2 accepts"
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
    condition     = aws_vpc_security_group_egress_rule.functions_endpoints.referenced_security_group_id == aws_security_group.endpoints.id
    error_message = "functions must reach the endpoints' group"
  }
  assert {
    condition = alltrue([
      for r in concat(values(aws_vpc_security_group_egress_rule.functions_prefix_lists), [aws_vpc_security_group_egress_rule.functions_endpoints]) :
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
    condition = toset(values(aws_vpc_endpoint.gateway)[*].service_name) == toset(["com.amazonaws.eu-central-1.s3", "com.amazonaws.eu-central-1.dynamodb"]) && alltrue([
      for e in aws_vpc_endpoint.gateway : e.vpc_endpoint_type == "Gateway" && toset(e.route_table_ids) == toset(aws_route_table.private[*].id)
    ])
    error_message = "S3 and DynamoDB must have gateway endpoints, in every private route table"
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == var.interface_endpoints
    error_message = "exactly the given interface endpoints must exist"
  }
  assert {
    condition = alltrue([for service, e in aws_vpc_endpoint.interface :
      e.service_name == "com.amazonaws.eu-central-1.${service}" && e.vpc_endpoint_type == "Interface" && e.private_dns_enabled &&
      toset(e.subnet_ids) == toset(aws_subnet.private[*].id) && toset(e.security_group_ids) == toset([aws_security_group.endpoints.id])
    ])
    error_message = "interface endpoints must be in every private subnet, under the service's own name, in their group"
  }
  assert {
    condition = alltrue([for r in aws_vpc_security_group_ingress_rule.endpoints :
      r.security_group_id == aws_security_group.endpoints.id && r.referenced_security_group_id == aws_security_group.functions.id && r.from_port == 443 && r.to_port == 443
    ])
    error_message = "endpoints must admit port 443 from the functions"
  }
  assert {
    condition     = alltrue([for service, arns in var.endpoint_resource_arns : toset(data.aws_iam_policy_document.endpoint[service].statement[0].resources) == toset(arns)])
    error_message = "each policy must name exactly the given ARNs"
  }
  assert {
    condition = alltrue(flatten([for d in data.aws_iam_policy_document.endpoint : [for s in d.statement :
      [for c in s.condition : "${c.test} ${c.variable} ${one(c.values)}"] == ["StringEquals aws:PrincipalAccount 111122223333"]
    ]]))
    error_message = "each policy must admit exactly our principals"
  }
  assert {
    condition = alltrue([for service in keys(var.endpoint_resource_arns) :
      one(data.aws_iam_policy_document.endpoint[service].statement[0].actions) == "${service == "bedrock-runtime" ? "bedrock" : service}:*"
    ])
    error_message = "each policy must permit the service's own actions"
  }
  assert {
    condition     = alltrue([for service, e in merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface) : e.policy == data.aws_iam_policy_document.endpoint[service].json])
    error_message = "every endpoint must have its policy"
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

run "ollama_adds_packages_heartbeat_and_the_list_of_log_groups" {
  command = plan
  variables { create_ollama_group = true }

  assert {
    condition     = one(data.aws_iam_policy_document.endpoint["s3"].statement[1].resources) == "arn:aws:s3:::al2023-repos-eu-central-1-de612dc2/*" && one(data.aws_iam_policy_document.endpoint["s3"].statement[1].actions) == "s3:GetObject"
    error_message = "the host may only read, and only from the region's package repository"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.endpoint["ssm"].statement[1].actions) == "ssm:UpdateInstanceInformation" && length(data.aws_iam_policy_document.endpoint["ssm"].statement[1].condition) == 1
    error_message = "the host may only send its heartbeat, and only as one of our principals"
  }
  assert {
    condition = (
      one(data.aws_iam_policy_document.endpoint["logs"].statement[1].actions) == "logs:DescribeLogGroups" && length(data.aws_iam_policy_document.endpoint["logs"].statement[1].condition) == 1 &&
      one(data.aws_iam_policy_document.endpoint["logs"].statement[1].resources) == "arn:aws:logs:eu-central-1:111122223333:log-group:*"
    )
    error_message = "the host may only list the names of other log groups"
  }
  assert {
    condition     = alltrue([for service, d in data.aws_iam_policy_document.endpoint : length(d.statement) == (contains(["s3", "ssm", "logs", "bedrock", "bedrock-runtime"], service) ? 2 : 1)])
    error_message = "no other endpoint may change"
  }
}

run "endpoints_can_be_fewer" {
  command = plan
  variables {
    interface_endpoints    = ["ssm"]
    endpoint_resource_arns = { s3 = ["arn:aws:s3:::b/*"], dynamodb = ["arn:aws:dynamodb:::t"], ssm = ["arn:aws:ssm:::p"] }
  }

  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ssm"]
    error_message = "only the given endpoints may exist"
  }
}

run "an_entry_is_valid_on_its_last_day" {
  command = plan
  variables {
    allowed_cidrs = { today = { cidr = "203.0.113.0/24", owner = "a", reason = "b", expires = formatdate("YYYY-MM-DD", timestamp()) } }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 2
    error_message = "an entry must be valid until the end of its day"
  }
}

run "the_widest_permitted_blocks_pass" {
  command = plan
  variables {
    allowed_cidrs = {
      v4 = { cidr = "11.0.0.0/16", owner = "a", reason = "b", expires = "2999-12-31" }
      v6 = { cidr = "2001:db8::/32", owner = "a", reason = "b", expires = "2999-12-31" }
    }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 4
    error_message = "/16 and /32 must be permitted"
  }
}

run "the_internet_with_allow_internet" {
  command = plan
  variables {
    allow_internet = true
    allowed_cidrs = {
      v4 = { cidr = "0.0.0.0/0", owner = "a", reason = "public service", expires = "2999-12-31" }
      v6 = { cidr = "::/0", owner = "a", reason = "public service", expires = "2999-12-31" }
    }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 4
    error_message = "both address families must be open, on both ports"
  }
}

run "wrong_values" {
  command = plan
  variables {
    allowed_cidrs          = { old = { cidr = "203.0.113.0/24", owner = "a", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h")) } }
    interface_endpoints    = []
    endpoint_resource_arns = { s3 = [], dynamodb = ["arn:aws:dynamodb:::t"] }
  }
  expect_failures = [var.allowed_cidrs, var.endpoint_resource_arns]
}

run "wrong_values_2" {
  command = plan
  variables {
    allowed_cidrs          = { x = { cidr = "203.0.113.0/24", owner = "a", reason = "b", expires = "2999-02-30" } }
    interface_endpoints    = []
    endpoint_resource_arns = { s3 = ["*"], dynamodb = ["arn:aws:dynamodb:::t"] }
  }
  expect_failures = [var.allowed_cidrs, var.endpoint_resource_arns]
}

run "wide_ipv4_fails_the_plan" {
  command = plan
  variables {
    allow_internet      = true
    allowed_cidrs       = { x = { cidr = "128.0.0.0/15", owner = "a", reason = "b", expires = "2999-12-31" } }
    interface_endpoints = ["sns"]
  }
  expect_failures = [var.allowed_cidrs, var.interface_endpoints]
}

run "wide_ipv6_fails_the_plan" {
  command = plan
  variables {
    allow_internet = true
    allowed_cidrs  = { x = { cidr = "2000::/31", owner = "a", reason = "b", expires = "2999-12-31" } }
  }
  expect_failures = [var.allowed_cidrs]
}

run "the_internet_needs_allow_internet" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "0.0.0.0/0", owner = "a", reason = "b", expires = "2999-12-31" } } }
  expect_failures = [var.allowed_cidrs]
}

run "the_ipv6_internet_needs_allow_internet" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "::/0", owner = "a", reason = "b", expires = "2999-12-31" } } }
  expect_failures = [var.allowed_cidrs]
}

run "host_bits_are_refused" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.7/24", owner = "a", reason = "b", expires = "2999-12-31" } } }
  expect_failures = [var.allowed_cidrs]
}

run "owner_and_reason_are_needed" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.0/24", owner = " ", reason = "b", expires = "2999-12-31" } } }
  expect_failures = [var.allowed_cidrs]
}
