# The configuration bundle: how it is stored, and what is refused.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "a_short_bundle_is_a_pointer_and_one_part" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.configuration.name == "/openclaw-test/config" && jsondecode(nonsensitive(aws_ssm_parameter.configuration.value)) == { parts = 1, sha256 = local.digest }
    error_message = "the pointer must name the parts and the digest; got ${nonsensitive(aws_ssm_parameter.configuration.value)}"
  }
  assert {
    condition     = keys(aws_ssm_parameter.configuration_part) == ["1"] && aws_ssm_parameter.configuration_part["1"].name == "/openclaw-test/config/${sha256(nonsensitive(aws_ssm_parameter.configuration_part["1"].value))}/1"
    error_message = "a part must be stored under the digest of the text; got ${jsonencode(values(aws_ssm_parameter.configuration_part)[*].name)}"
  }
  assert {
    condition     = jsondecode(nonsensitive(aws_ssm_parameter.configuration_part["1"].value)) == jsondecode(file(var.config_bundle))
    error_message = "the stored text must mean the same as the bundle"
  }
  assert {
    condition     = alltrue([for parameter in concat([aws_ssm_parameter.configuration], values(aws_ssm_parameter.configuration_part)) : parameter.type == "SecureString" && parameter.key_id == "arn:aws:kms:eu-central-1:111122223333:key/data"])
    error_message = "pointer and parts must be encrypted with the data key"
  }
  # Only an apply shows the order in which parameters are written and deleted. It follows from these two settings.
  assert {
    condition = (
      length(aws_ssm_parameter.configuration_part) == local.part_count &&
      length(regexall("(?s)\"configuration_part\" [{].*create_before_destroy = true.*\"configuration\" [{]", file("configuration.tf"))) == 1 &&
      length(regexall("depends_on = [[]aws_ssm_parameter.configuration_part[]]", file("configuration.tf"))) == 1
    )
    error_message = "the pointer must be switched after new parts are written and before old ones are deleted"
  }
  assert {
    condition     = local.model_arns == tolist(["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"])
    error_message = "flat keys must name a model too; got ${jsonencode(local.model_arns)}"
  }
}

run "a_long_bundle_is_cut" {
  command = plan

  variables { config_bundle = "../../tests/configurations/long/bundle.json" }

  assert {
    condition     = keys(aws_ssm_parameter.configuration_part) == ["1", "2", "3", "4"] && jsondecode(nonsensitive(aws_ssm_parameter.configuration.value)).parts == 4
    error_message = "a bundle with characters of several bytes must be cut into parts of 1000 characters; got ${jsonencode(keys(aws_ssm_parameter.configuration_part))}"
  }
  assert {
    condition     = jsondecode(nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))) == jsondecode(file(var.config_bundle))
    error_message = "the parts together must mean the same as the bundle"
  }
  assert {
    condition     = sha256(nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))) == jsondecode(nonsensitive(aws_ssm_parameter.configuration.value)).sha256
    error_message = "the digest must be that of the parts together"
  }
  assert {
    condition     = nonsensitive(alltrue([for part in aws_ssm_parameter.configuration_part : !strcontains(part.value, "{{")]))
    error_message = "no part may contain two opening braces in a row, which Parameter Store refuses"
  }
}

run "a_machine_client_is_named" {
  command = plan

  variables {
    config_bundle = "../../tests/configurations/machine/bundle.json"
    identity = {
      callback_urls   = ["http://localhost:8400/callback"]
      domain_prefix   = "openclaw-test"
      machine_clients = { nightly-report = {} }
    }
  }

  assert {
    condition = jsondecode(nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))).document.authentication.clients == {
      "1example23456789abcdefghij" = { tenant = "acme", groups = ["user"] }
      "0123456789abcdefghijklmnop" = { groups = ["admin"] }
    }
    error_message = "a name must be replaced by the client's id, and an id must stay; got ${nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))}"
  }
  assert {
    condition     = length(nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))) == local.text_length && sha256(nonsensitive(join("", values(aws_ssm_parameter.configuration_part)[*].value))) == local.digest
    error_message = "the text must have the length that is known before the ids are"
  }
}

run "what_must_not_be_deployed_is_refused_all_at_once" {
  command = plan

  variables { config_bundle = "../../tests/configurations/refused/bundle.json" }

  expect_failures = [aws_ssm_parameter.configuration]

  assert {
    condition = toset(local.refusals) == toset([
      "secrets that are not in var.secrets: mistral/api-key",
      "parameters outside /openclaw-test/: /openclaw-prod/team",
      "keys themselves instead of references such as {{ secrets['openai/api-key'] }}, which would be stored in Terraform's state: llm.api_key, providers.openai.headers.x-upstream",
      "a base_url of AWS in another region than eu-central-1: bedrock-runtime.us-east-1.amazonaws.com",
      "authentication.clients that are neither names of machine clients (identity or existing_user_pool) nor ids: nightly-report",
      "Bedrock models that leave eu-central-1 or may do so; if that is intended, add each to allowed_cross_region_models: us.amazon.nova-lite-v1:0",
      "three braces in a row, which Parameter Store refuses; write a reference as {{ … }}: {{{",
    ])
    error_message = "each must be refused, with what is wrong; got ${jsonencode(local.refusals)}"
  }
}

run "overrides_may_name_secrets_and_parameters_too" {
  command = plan

  variables {
    environment_overrides = { LLM_PROVIDER = "openai", LLM_MODEL = "m", LLM_API_KEY = "{{ secrets['mistral/api-key'] }}", OPENCLAW__PROVIDERS__OPENAI__HEADERS__X = "{{ ssm['/openclaw-prod/x'] }}" }
  }

  expect_failures = [aws_ssm_parameter.configuration]

  assert {
    condition     = jsonencode(local.refusals) == jsonencode(["parameters outside /openclaw-test/: /openclaw-prod/x", "secrets that are not in var.secrets: mistral/api-key"])
    error_message = "their references must be checked as those of the bundle are; got ${jsonencode(local.refusals)}"
  }
}
