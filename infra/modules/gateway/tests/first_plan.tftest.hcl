# The first plan of a deployment knows no value that AWS assigns, and must still know what it will create. The other tests make such
# values known.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  domain_name           = "gateway.example.org"
  stream_domain_name    = "stream.example.org"
  websocket_domain_name = "ws.example.org"
  zone_id               = "Z1"
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    front_door    = "alb"
    allowed_cidrs = { office = { cidr = "192.0.2.0/24", owner = "it", approved_by = "security", reason = "office", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
    config_bundle = "../../tests/configurations/providers/bundle.json"
    ollama        = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
  }

  assert {
    condition     = length(local.functions) == 8 && length(module.access) == 1 && length(module.sign_in_firewall) == 1
    error_message = "everything must be planned at once"
  }
}

run "beside_an_http_api" {
  command = plan
  variables { functions_in_vpc = true }

  assert {
    condition     = length(module.api) == 1 && length(module.health_check) == 1
    error_message = "everything must be planned at once"
  }
}
