# Subnets, gateways, network ACLs and flow logs.

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
  log_retention_days          = 90
  cidr                        = "10.0.0.0/16"
  zone_count                  = 2
  nat_gateways                = "one_per_zone"
  endpoints_security_group_id = "sg-endpoints"
  permissions_boundary_arn    = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
  interface_endpoints         = ["bedrock", "bedrock-runtime", "logs", "secretsmanager", "ssm"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_subnet.public[*].availability_zone == ["eu-central-1a", "eu-central-1b"] && aws_subnet.private[*].availability_zone == ["eu-central-1a", "eu-central-1b"]
    error_message = "each of two zones must have one public and one private subnet"
  }
  assert {
    condition     = concat(aws_subnet.public[*].cidr_block, aws_subnet.private[*].cidr_block) == ["10.0.0.0/20", "10.0.16.0/20", "10.0.128.0/20", "10.0.144.0/20"]
    error_message = "subnets must not overlap"
  }
  assert {
    condition     = alltrue([for s in concat(aws_subnet.public, aws_subnet.private) : !s.map_public_ip_on_launch])
    error_message = "no subnet may assign public addresses"
  }
  assert {
    condition     = aws_vpc.this.assign_generated_ipv6_cidr_block && aws_vpc.this.enable_dns_support && aws_vpc.this.enable_dns_hostnames
    error_message = "the VPC must have IPv6 and host names"
  }
  assert {
    condition     = concat(aws_subnet.public[*].ipv6_cidr_block, aws_subnet.private[*].ipv6_cidr_block) == ["2001:db8:aa00::/64", "2001:db8:aa00:1::/64", "2001:db8:aa00:8::/64", "2001:db8:aa00:9::/64"]
    error_message = "every subnet must have its own /64"
  }
  assert {
    condition     = aws_route.public_ipv4.gateway_id == aws_internet_gateway.this.id && aws_route.public_ipv6.gateway_id == aws_internet_gateway.this.id
    error_message = "public subnets must reach the internet over both address families"
  }
  assert {
    condition = alltrue([for r in aws_route.private_ipv6 :
      r.destination_ipv6_cidr_block == "::/0" && r.egress_only_gateway_id == aws_egress_only_internet_gateway.this.id && r.gateway_id == null
    ]) && length(aws_route.private_ipv6) == 2
    error_message = "private IPv6 must leave through the egress-only gateway, never the internet gateway"
  }
  assert {
    condition     = aws_route_table_association.private[1].route_table_id == aws_route_table.private[1].id && aws_route_table_association.public[1].route_table_id == aws_route_table.public.id
    error_message = "each subnet must have its route table"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 2 && aws_route.private_ipv4[0].nat_gateway_id == aws_nat_gateway.this[0].id && aws_route.private_ipv4[1].nat_gateway_id == aws_nat_gateway.this[1].id
    error_message = "each zone must use its own NAT gateway"
  }
  assert {
    condition     = alltrue([for i in [0, 1] : aws_nat_gateway.this[i].subnet_id == aws_subnet.public[i].id && aws_nat_gateway.this[i].allocation_id == aws_eip.nat[i].id])
    error_message = "NAT gateways must be in the public subnets"
  }
  assert {
    condition     = alltrue([for gateway in aws_nat_gateway.this : gateway.tags["Component"] == "network"]) && alltrue([for address in aws_eip.nat : address.tags["Component"] == "network"])
    error_message = "what costs by the hour must carry the tag Component"
  }
  assert {
    condition     = output.nat_public_ips == aws_eip.nat[*].public_ip && alltrue([for e in aws_eip.nat : e.domain == "vpc"])
    error_message = "the output must contain the addresses"
  }
  assert {
    condition     = toset(aws_network_acl.public.subnet_ids) == toset(aws_subnet.public[*].id) && toset(aws_network_acl.private.subnet_ids) == toset(aws_subnet.private[*].id)
    error_message = "every subnet must have one of our ACLs"
  }
  assert {
    condition = alltrue([for key in ["public-in-answers", "public-out-answers", "private-in-answers", "private-out-answers"] :
      alltrue([for rule in [aws_network_acl_rule.ipv4[key], aws_network_acl_rule.ipv6[key]] : rule.from_port == 1024 && rule.to_port == 65535 && rule.protocol == "tcp"])
    ])
    error_message = "answers must pass on the ephemeral ports, in both directions, over both address families"
  }
  assert {
    condition = toset([for key, rule in aws_network_acl_rule.ipv4 : "${startswith(key, "public") ? "public" : "private"} ${rule.egress ? "out" : "in"} ${rule.from_port} ${rule.cidr_block}"]) == toset([
      "public in 443 0.0.0.0/0", "public in 1024 0.0.0.0/0", "public out 443 0.0.0.0/0", "public out 1024 0.0.0.0/0",
      "private in 443 10.0.0.0/16", "private in 1024 0.0.0.0/0", "private out 443 0.0.0.0/0", "private out 1024 10.0.0.0/16",
    ])
    error_message = "exactly these directions must be open"
  }
  assert {
    condition = alltrue([for key, rule in aws_network_acl_rule.ipv4 :
      rule.network_acl_id == (startswith(key, "public") ? aws_network_acl.public.id : aws_network_acl.private.id) && rule.network_acl_id == aws_network_acl_rule.ipv6[key].network_acl_id
    ])
    error_message = "each rule must be in its ACL"
  }
  assert {
    condition = alltrue([for key, rule in aws_network_acl_rule.ipv6 :
      rule.ipv6_cidr_block == (aws_network_acl_rule.ipv4[key].cidr_block == "0.0.0.0/0" ? "::/0" : "2001:db8:aa00::/56") && rule.egress == aws_network_acl_rule.ipv4[key].egress
    ])
    error_message = "IPv6 must have the rules of IPv4"
  }
  assert {
    condition     = length(distinct([for r in concat(values(aws_network_acl_rule.ipv4), values(aws_network_acl_rule.ipv6), values(aws_network_acl_rule.path_mtu_ipv4), values(aws_network_acl_rule.path_mtu_ipv6)) : "${r.network_acl_id} ${r.egress} ${r.rule_number}"])) == 24
    error_message = "no two rules may share a number"
  }
  assert {
    condition = alltrue([for r in aws_network_acl_rule.path_mtu_ipv4 : r.icmp_type == 3 && r.icmp_code == 4]) && alltrue([
      for r in aws_network_acl_rule.path_mtu_ipv6 : r.protocol == "58" && r.icmp_type == 2
    ])
    error_message = "of ICMP only \"packet too big\" may pass"
  }
  assert {
    condition     = aws_default_security_group.closed.vpc_id == aws_vpc.this.id && length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "the default security group must have no rule"
  }
  assert {
    condition     = aws_flow_log.this.vpc_id == aws_vpc.this.id && aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.log_destination == aws_cloudwatch_log_group.flow.arn
    error_message = "all traffic of the VPC must be logged"
  }
  assert {
    condition     = aws_cloudwatch_log_group.flow.retention_in_days == 90 && aws_cloudwatch_log_group.flow.kms_key_id == var.logs_kms_key_arn
    error_message = "flow logs must be kept for 90 days and encrypted with our key"
  }
  assert {
    condition = jsonencode({ for s in data.aws_iam_policy_document.flow.statement : s.sid => { actions = sort(s.actions), resources = sort(s.resources) } }) == jsonencode({
      FindThisGroup  = { actions = ["logs:DescribeLogGroups"], resources = ["arn:aws:logs:eu-central-1:111122223333:log-group:*"] }
      WriteThisGroup = { actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], resources = sort([aws_cloudwatch_log_group.flow.arn, "${aws_cloudwatch_log_group.flow.arn}:*"]) }
    })
    error_message = "the role may write to this group only, and find it"
  }
  assert {
    condition = toset([for c in one(data.aws_iam_policy_document.flow_trust.statement).condition : "${c.test} ${c.variable} ${one(c.values)}"]) == toset([
      "StringEquals aws:SourceAccount 111122223333",
      "ArnLike aws:SourceArn arn:aws:ec2:eu-central-1:111122223333:vpc-flow-log/*",
    ])
    error_message = "only flow logs of this account may assume the role"
  }
  assert {
    condition     = aws_iam_role.flow.permissions_boundary == var.permissions_boundary_arn
    error_message = "a boundary must limit the role"
  }
}

run "port_80_when_asked" {
  command = plan
  variables { redirect_http = true }

  assert {
    condition     = aws_network_acl_rule.ipv4["http"].from_port == 80 && aws_network_acl_rule.ipv4["http"].to_port == 80 && !aws_network_acl_rule.ipv4["http"].egress
    error_message = "the public subnets must let port 80 in"
  }
}

run "an_internal_load_balancer" {
  command = plan
  variables {
    internal_load_balancer = true
    redirect_http          = true
  }

  assert {
    condition = toset([for key, rule in aws_network_acl_rule.ipv4 : "${rule.egress ? "out" : "in"} ${rule.from_port} ${rule.cidr_block}" if rule.network_acl_id == aws_network_acl.private.id]) == toset([
      "in 80 0.0.0.0/0", "in 443 0.0.0.0/0", "in 1024 0.0.0.0/0", "out 443 0.0.0.0/0", "out 1024 0.0.0.0/0",
    ])
    error_message = "clients outside the VPC must reach the private subnets, and be answered"
  }
}

run "four_zones_fit" {
  command = plan
  variables {
    cidr       = "192.168.0.0/22"
    zone_count = 4
  }

  assert {
    condition     = length(distinct(concat(aws_subnet.public[*].cidr_block, aws_subnet.private[*].cidr_block))) == 8 && aws_vpc.this.cidr_block == "192.168.0.0/22"
    error_message = "there must be eight distinct subnets"
  }
}

run "one_nat_gateway" {
  command = plan
  variables { nat_gateways = "one" }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && alltrue([for r in aws_route.private_ipv4 : r.nat_gateway_id == aws_nat_gateway.this[0].id]) && length(aws_route.private_ipv4) == 2
    error_message = "both zones must share one NAT gateway"
  }
}

run "no_nat_gateway" {
  command = plan
  variables { nat_gateways = "none" }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private_ipv4) == 0
    error_message = "there must be no NAT gateway, no address and no IPv4 route to the internet"
  }
}
