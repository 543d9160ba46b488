# What the HTTP API takes from the configuration and from the names.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "named_and_called_from_web_pages" {
  command = plan

  variables {
    config_file = "tests/configurations/origins.yaml"
    domain_name = "gateway.example.org"
    zone_id     = "Z1"
  }

  assert {
    condition     = module.api[0].base_url == null && output.base_url == "https://gateway.example.org"
    error_message = "it answers by its own name alone"
  }
  assert {
    condition = (
      jsonencode(local.allowed_origins) == jsonencode(["https://app.example.org", "http://localhost:5173"]) &&
      length(regexall("(?m)^  allowed_origins +[=] local[.]allowed_origins$", file("front_door.tf"))) == 1
    )
    error_message = "browsers may read its own 401 and 429; got ${jsonencode(local.allowed_origins)}"
  }
  # A record that another deployment made would go when either of them goes.
  assert {
    condition     = length(aws_route53_record.validation) == 1 && length(regexall("allow_overwrite", file("certificate.tf"))) == 0
    error_message = "no record of others is taken over"
  }
}

run "called_from_everywhere" {
  command = plan
  variables { config_file = "tests/configurations/any-origin.yaml" }

  assert {
    condition     = length(local.allowed_origins) == 0
    error_message = "\"*\" is answered by the functions; got ${jsonencode(local.allowed_origins)}"
  }
  assert {
    condition     = module.api[0].base_url == output.base_url
    error_message = "without a name of its own it answers by the one from AWS"
  }
}
