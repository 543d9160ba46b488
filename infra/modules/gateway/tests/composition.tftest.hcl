# What exists with which variables.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  front_door      = "alb"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
}

run "behind_a_load_balancer" {
  command = plan

  assert {
    condition     = length(module.edge) == 1 && length(module.api) == 0 && output.base_url == "https://openclaw-test-1.eu-central-1.elb.amazonaws.com"
    error_message = "front_door = \"alb\" must create a load balancer and no API"
  }
  assert {
    condition     = toset(keys(module.edge[0].target_group_arn_suffixes)) == setsubtract(keys(local.functions), ["archive", "authorizer", "stream", "websocket"])
    error_message = "each function must have a target group, except those that nothing in front invokes"
  }
  assert {
    condition = jsonencode({ for function, route in local.load_balancer_routes : function => route.paths }) == jsonencode({
      agent         = ["/v1/agent/*"]
      agents        = ["/v1/agents*", "/v1/models", "/v1/grants*", "/v1/health/deep"]
      conversations = ["/v1/conversations*", "/v1/users/*/conversations"]
      health        = ["/v1/health"]
    })
    error_message = "the load balancer must have every route of the product, and agent's path must include that of stream; got ${jsonencode(local.load_balancer_routes)}"
  }
  assert {
    condition     = output.stream_url == "https://stream1.execute-api.eu-central-1.amazonaws.com/live" && length(local.reaching_cidrs) == 0 && local.stream_firewall.arn == module.edge[0].web_acl_arn
    error_message = "streams must have an API of their own behind the same firewall, which nobody can reach while nobody can reach the load balancer"
  }
  assert {
    condition     = local.verifies_tokens && local.certificate_arn == var.certificate_arn && module.edge[0].web_acl_arn != null
    error_message = "the listener must verify tokens and have the given certificate, and the firewall must exist"
  }
  assert {
    condition     = length(module.network) == 1 && local.nat_gateways == "none" && length(local.interface_endpoints) == 0 && length(output.nat_public_ips) == 0
    error_message = "empty private subnets must cost nothing"
  }
  assert {
    condition     = length(module.ollama) == 0 && output.ollama_base_url == null && length(local.secret_readers["ollama/token"]) == 0
    error_message = "ollama = null must create no host, and nobody may read its token"
  }
  assert {
    condition     = alltrue([for function in local.functions : !function.in_vpc])
    error_message = "no function may run in the VPC without need"
  }
  assert {
    condition     = local.environments["websocket"]["OPENCLAW_ALLOWED_CIDRS"] == "none"
    error_message = "an empty list must admit nobody"
  }
}

run "reached_from_two_places" {
  command = plan

  variables {
    waf            = false
    idle_timeout_s = 120
    # Longer than a WebSocket API waits.
    function_settings = { websocket = { timeout_s = 60 } }
    allowed_cidrs = {
      office = { cidr = "192.0.2.0/24", owner = "it", approved_by = "security", reason = "office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
      vpn    = { cidr = "2001:db8:1::/48", owner = "it", approved_by = "security", reason = "VPN", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    }
  }

  assert {
    condition     = jsonencode(local.reaching_cidrs) == jsonencode(["192.0.2.0/24", "2001:db8:1::/48"])
    error_message = "the networks that can reach the load balancer, and no others, must be able to reach the API for streams; got ${jsonencode(local.reaching_cidrs)}"
  }
  assert {
    condition     = local.stream_firewall == null
    error_message = "waf = false must leave out the firewall of the API for streams too"
  }
  assert {
    condition     = local.environments["websocket"]["OPENCLAW_ALLOWED_CIDRS"] == "192.0.2.0/24@${var.allowed_cidrs.office.expires},2001:db8:1::/48@${var.allowed_cidrs.vpn.expires}"
    error_message = "the function must check clients against the list and its days; got ${local.environments["websocket"]["OPENCLAW_ALLOWED_CIDRS"]}"
  }
  assert {
    condition     = local.environments["websocket"]["OPENCLAW_DEADLINE_MS"] == "28000"
    error_message = "the deadline must be that of a WebSocket API beside a load balancer too"
  }
}

run "an_expired_network_reaches_nothing" {
  command = plan

  variables {
    allowed_cidrs = {
      office = { cidr = "192.0.2.0/24", owner = "it", approved_by = "security", reason = "office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
      old    = { cidr = "198.51.100.0/24", owner = "it", approved_by = "security", reason = "an event", expires = "2020-01-01" }
    }
  }
  expect_failures = [check.allowed_cidrs]

  assert {
    condition     = jsonencode(local.reaching_cidrs) == jsonencode(["192.0.2.0/24"]) && local.environments["websocket"]["OPENCLAW_ALLOWED_CIDRS"] == "192.0.2.0/24@${var.allowed_cidrs.office.expires}"
    error_message = "the plan must succeed, and neither the API for streams nor the function may admit it; got ${jsonencode(local.reaching_cidrs)}"
  }
}

run "a_network_that_ends_soon_is_warned_about" {
  command = plan

  variables {
    allowed_cidrs = { office = { cidr = "192.0.2.0/24", owner = "it", approved_by = "security", reason = "office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "144h")) } }
  }
  expect_failures = [check.allowed_cidrs]

  assert {
    condition     = local.described_cidrs.ending == "office = \"192.0.2.0/24\" (owner it, last day ${var.allowed_cidrs.office.expires})" && length(local.reaching_cidrs) == 1
    error_message = "the warning must name it and its owner; got ${local.described_cidrs.ending}"
  }
}

run "when_every_network_has_expired" {
  command = plan

  variables {
    allowed_cidrs = { old = { cidr = "198.51.100.0/24", owner = "it", approved_by = "security", reason = "an event", expires = "2020-01-01" } }
  }
  expect_failures = [check.allowed_cidrs]

  assert {
    condition     = jsonencode(local.reaching_cidrs) == "[]" && local.environments["websocket"]["OPENCLAW_ALLOWED_CIDRS"] == "none"
    error_message = "a list whose entries have all expired must admit nobody"
  }
}

run "behind_an_http_api" {
  command = plan

  variables {
    front_door      = "apigateway"
    certificate_arn = null
    environment     = "other"
  }

  assert {
    condition     = length(module.edge) == 0 && length(module.api) == 1 && length(module.network) == 0 && output.base_url == "https://api1.execute-api.eu-central-1.amazonaws.com"
    error_message = "front_door = \"apigateway\" must create an API, no load balancer and no network"
  }
  assert {
    condition = jsonencode({ for function, route in local.http_api_routes : function => route.route_keys }) == jsonencode({
      agent         = ["ANY /v1/agent/{name}"]
      agents        = ["ANY /v1/agents", "ANY /v1/agents/{name}", "ANY /v1/models", "ANY /v1/grants", "ANY /v1/grants/{id}", "ANY /v1/health/deep"]
      conversations = ["ANY /v1/conversations", "ANY /v1/conversations/{id}", "ANY /v1/users/{user}/conversations"]
      health        = ["ANY /v1/health"]
      stream        = ["ANY /v1/agent/{name}/stream"]
    })
    error_message = "the API must have every route of the product; got ${jsonencode(local.http_api_routes)}"
  }
  assert {
    condition     = local.http_api_routes["stream"].function == "agent" && keys(local.buffered_functions) == ["agent", "agents", "conversations", "health"]
    error_message = "agent must answer the path of stream, because an HTTP API cannot stream, and the API may invoke neither the function that streams nor the one behind WebSockets"
  }
  assert {
    condition     = output.stream_url == "https://stream1.execute-api.eu-central-1.amazonaws.com/live" && local.reaching_cidrs == null && local.stream_firewall == null
    error_message = "streams must have an API of their own, which everybody can reach as they can the HTTP API"
  }
  assert {
    condition     = local.verifies_tokens
    error_message = "the authorizer must be on"
  }
  # The environment differs from that of the other runs, so that its name shows.
  assert {
    condition = alltrue([
      for name in concat(values(output.function_names), values(output.secret_names), [output.table_name, output.configuration_name, output.dashboard_name]) :
      strcontains(name, "openclaw-other")
    ])
    error_message = "every name must contain the environment; got ${jsonencode([output.function_names, output.secret_names, output.table_name, output.configuration_name, output.dashboard_name])}"
  }
}

run "a_load_balancer_with_a_name" {
  command = plan

  variables {
    certificate_arn = null
    domain_name     = "gateway.example.org"
    zone_id         = "Z1"
  }

  assert {
    condition     = aws_acm_certificate.this[0].domain_name == "gateway.example.org" && aws_acm_certificate.this[0].validation_method == "DNS" && aws_route53_record.validation[0].name == "_1.gateway.example.org" && aws_route53_record.validation[0].zone_id == "Z1"
    error_message = "the certificate must be proved in the zone"
  }
  assert {
    condition     = output.base_url == "https://gateway.example.org" && alltrue([for record in aws_route53_record.front_door : record.alias[0].zone_id == "ZLB"]) && keys(aws_route53_record.front_door) == ["A"]
    error_message = "the name must lead to the load balancer"
  }
}

run "with_an_ollama_host" {
  command = plan

  variables {
    config_bundle = "../../tests/configurations/providers/bundle.json"
    ollama        = { models = ["llama3.2:3b"], port = 12000, ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }

  assert {
    condition     = length(module.ollama) == 1 && output.ollama_base_url == "https://ollama.openclaw-test.internal:12000"
    error_message = "the host must exist, on its port"
  }
  assert {
    condition     = [for key, function in local.functions : key if function.in_vpc] == ["agent", "agents", "stream"]
    error_message = "only the functions that call the host may run in the VPC"
  }
  assert {
    condition     = local.environments["agent"]["OPENCLAW__PROVIDERS__OLLAMA__BASE_URL"] == output.ollama_base_url && !contains(keys(local.environments["agent"]), "OPENCLAW__PROVIDERS__OLLAMA__CA")
    error_message = "the functions must know the host, and its authority only after the host has written it"
  }
  assert {
    condition     = jsonencode(local.secret_readers["ollama/token"]) == jsonencode([for role in ["agent", "agents", "stream", "ollama"] : "arn:aws:iam::111122223333:role/openclaw-test-${role}"])
    error_message = "the functions and the host must be able to read the token"
  }
  assert {
    condition     = local.nat_gateways == "one_per_zone" && length(output.nat_public_ips) == 2 && local.interface_endpoints == toset(["bedrock", "bedrock-runtime", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"])
    error_message = "the private subnets must have NAT gateways and every endpoint"
  }
}

run "the_hosts_authority_is_passed_on" {
  command = plan

  override_module {
    target = module.ollama
    outputs = {
      base_url          = "https://ollama.openclaw-test.internal:11434"
      ca_pem            = "-----BEGIN CERTIFICATE-----"
      ca_parameter_name = "/openclaw-test/ollama/ca"
      secret_arns       = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:authority"]
    }
  }

  variables {
    ollama = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }

  assert {
    condition     = local.environments["agent"]["OPENCLAW__PROVIDERS__OLLAMA__CA"] == "-----BEGIN CERTIFICATE-----"
    error_message = "the functions must trust the host's authority once it is known"
  }
}
