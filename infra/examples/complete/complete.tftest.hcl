# terraform test -test-directory=examples/complete -var-file=examples/complete/terraform.tfvars

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_dir = "tests/packages"

  # Those of the file end some day; this test must not.
  allowed_cidrs = {
    office = { cidr = "203.0.113.0/24", owner = "o", approved_by = "a", reason = "r", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    vpn    = { cidr = "2001:db8:1::/48", owner = "o", approved_by = "a", reason = "r", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
  }
}

run "it_plans" {
  command = plan

  assert {
    condition     = output.base_url == "https://gateway.example.org" && output.load_balancer_dns_name != null && output.ollama_base_url == "https://ollama.openclaw-prod.internal:11434" && length(output.nat_public_ips) == 3
    error_message = "there must be a load balancer with a name, an Ollama host and three zones"
  }
  assert {
    condition     = keys(output.machine_client_ids) == ["nightly-report"] && output.sign_in_url == "https://openclaw-prod-example.auth.eu-central-1.amazoncognito.com"
    error_message = "there must be a machine client and sign-in pages"
  }
}
