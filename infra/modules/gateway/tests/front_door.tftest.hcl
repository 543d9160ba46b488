# What the HTTP API takes from the configuration, and its own name.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "named_and_called_from_web_pages" {
  command = plan

  variables {
    config_bundle = "../../tests/configurations/origins/bundle.json"
    domain_name   = "gateway.example.org"
    zone_id       = "Z1"
  }

  assert {
    condition     = module.api[0].base_url == null && output.base_url == "https://gateway.example.org" && aws_apigatewayv2_api_mapping.this[0].api_id == "api1"
    error_message = "the API must answer by its own name alone"
  }
  assert {
    condition     = aws_route53_record.front_door["AAAA"].alias[0].name == "d-1.execute-api.eu-central-1.amazonaws.com" && aws_route53_record.front_door["A"].alias[0].zone_id == "ZAPI"
    error_message = "the records must lead to the API, over IPv4 and IPv6"
  }
  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "nothing older than TLS 1.2 may be accepted"
  }
  assert {
    condition = (
      jsonencode(local.allowed_origins) == jsonencode(["https://app.example.org", "http://localhost:5173"]) &&
      length(regexall("(?m)^  allowed_origins +[=] local[.]allowed_origins$", file("front_door.tf"))) == 1
    )
    error_message = "browsers must be able to read its own 401 and 429; got ${jsonencode(local.allowed_origins)}"
  }
  assert {
    condition     = local.environments["health"]["OPENCLAW_ALLOWED_ORIGINS"] == "https://app.example.org,http://localhost:5173"
    error_message = "health, which reads no configuration, must receive the origins too; got ${jsonencode(local.environments["health"])}"
  }
  # A record that another deployment created would be deleted with either of them.
  assert {
    condition     = length(aws_route53_record.validation) == 1 && length(regexall("allow_overwrite", file("certificate.tf"))) == 0
    error_message = "no record of another deployment may be taken over"
  }
}

run "called_from_everywhere_and_without_bedrock" {
  command = plan
  variables { config_bundle = "../../tests/configurations/openai/bundle.json" }

  assert {
    condition     = length(local.allowed_origins) == 0
    error_message = "\"*\" must be answered by the functions; got ${jsonencode(local.allowed_origins)}"
  }
  assert {
    condition     = local.environments["health"]["OPENCLAW_ALLOWED_ORIGINS"] == "https://app.example.org,*" && !contains(keys(local.environments["agent"]), "OPENCLAW_ALLOWED_ORIGINS")
    error_message = "health alone must receive the origins, * too; got ${jsonencode(local.environments["health"])}"
  }
  assert {
    condition     = module.api[0].base_url == output.base_url
    error_message = "without a name of its own the API must answer by the one from AWS"
  }
  assert {
    condition     = length(local.model_arns) == 0 && !strcontains(jsonencode(local.policies), "bedrock:")
    error_message = "a configuration that names no Bedrock model must not give a permission for Bedrock"
  }
}
