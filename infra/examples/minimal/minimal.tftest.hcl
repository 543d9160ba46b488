# terraform test -test-directory=examples/minimal -var-file=examples/minimal/terraform.tfvars

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  package_dir = "tests/packages"
}

run "it_plans" {
  command = plan

  assert {
    condition     = output.table_name == "openclaw-dev" && output.base_url == "https://api1.execute-api.eu-central-1.amazonaws.com" && output.load_balancer_dns_name == null
    error_message = "the front door must be an HTTP API"
  }
  assert {
    condition     = length(output.nat_public_ips) == 0 && output.ollama_base_url == null
    error_message = "there must be neither a network nor a host"
  }
}
