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
    condition     = output.table_name == "openclaw-dev" && length(module.api) == 1 && length(module.network) == 0 && length(module.ollama) == 0
    error_message = "an HTTP API and no network"
  }
  assert {
    condition     = local.permissions_boundary_arn == "arn:aws:iam::111122223333:policy/openclaw-eu-central-1-boundary" && local.host_permissions_boundary_arn == "arn:aws:iam::111122223333:policy/openclaw-eu-central-1-host-boundary"
    error_message = "the boundaries are the bootstrap's"
  }
}
