# What a load balancer is reached by: address families, private addresses.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  front_door      = "alb"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  domain_name     = "gateway.example.org"
  zone_id         = "Z1"
}

run "ipv4_only" {
  command = plan
  variables {
    allowed_cidrs = { office = { cidr = "192.0.2.0/24", owner = "it", approved_by = "security", reason = "office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  }

  assert {
    condition     = !local.ipv6 && keys(aws_route53_record.front_door) == ["A"] && length(regexall("(?m)^  ipv6 += local[.]ipv6$", file("front_door.tf"))) == 3
    error_message = "without an IPv6 network nothing may have an IPv6 address"
  }
}

run "ipv6_with_an_ipv6_network" {
  command = plan
  variables {
    allowed_cidrs = { vpn = { cidr = "2001:db8:1::/48", owner = "it", approved_by = "security", reason = "VPN", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  }

  assert {
    condition     = local.ipv6 && keys(aws_route53_record.front_door) == ["A", "AAAA"]
    error_message = "an IPv6 network must reach the gateway"
  }
}

run "an_expired_ipv6_network_does_not_count" {
  command = plan
  variables {
    allowed_cidrs = { vpn = { cidr = "2001:db8:1::/48", owner = "it", approved_by = "security", reason = "VPN", expires = "2020-01-01" } }
  }
  expect_failures = [check.allowed_cidrs]

  assert {
    condition     = !local.ipv6
    error_message = "an expired network must not open IPv6"
  }
}

run "internal" {
  command = plan
  variables {
    internal  = true
    streams   = false
    websocket = false
  }

  assert {
    condition     = local.nat_gateways == "one_per_zone" && length(module.stream) == 0 && length(module.websocket) == 0
    error_message = "the load balancer must read the key set through NAT gateways, and nothing else be reachable"
  }
  assert {
    condition     = var.internal && length(regexall("(?m)^  subnet_ids += var[.]internal [?] local[.]private_subnet_ids : local[.]public_subnet_ids$", file("front_door.tf"))) == 1
    error_message = "the load balancer must be in the private subnets"
  }
}

run "internal_without_tokens_at_the_front_door" {
  command = plan
  variables {
    internal                    = true
    streams                     = false
    websocket                   = false
    verify_tokens_at_front_door = false
  }

  assert {
    condition     = local.nat_gateways == "none"
    error_message = "a load balancer that reads nothing must need no NAT gateway"
  }
}

run "internal_beside_public_apis" {
  command = plan
  variables { internal = true }
  expect_failures = [var.internal]
}

run "internal_http_api" {
  command = plan
  variables {
    front_door = "apigateway"
    internal   = true
    streams    = false
    websocket  = false
  }
  expect_failures = [var.internal]
}

run "internal_without_a_way_to_the_key_set" {
  command = plan
  variables {
    internal     = true
    streams      = false
    websocket    = false
    nat_gateways = "none"
  }
  expect_failures = [var.internal]
}
