# Guardrails of Bedrock that agents name.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "only_named_ones_and_only_for_runs" {
  command = plan
  variables {
    config_bundle    = "tests/bundles/guardrails.json"
    functions_in_vpc = true
  }

  assert {
    condition = jsonencode({ for key, statements in local.policies : key => [for s in statements : { actions = s.actions, resources = s.resources } if s.sid == "ApplyGuardrails"] }) == jsonencode({
      for key in ["agent", "agents", "archive", "authorizer", "conversations", "health", "stream", "websocket"] : key => !contains(["agent", "stream"], key) ? [] : [{
        actions   = ["bedrock:ApplyGuardrail"]
        resources = ["arn:aws:bedrock:eu-central-1:111122223333:guardrail/other", "arn:aws:bedrock:eu-central-1:111122223333:guardrail/gr4example5id"]
      }]
    })
    error_message = "the functions that call models must apply the guardrails that the configuration names, and no others; got ${jsonencode(local.policies)}"
  }
  assert {
    condition     = length(setsubtract(local.guardrail_arns, local.endpoint_resource_arns["bedrock-runtime"])) == 0
    error_message = "the endpoint of Bedrock must let them pass"
  }
}

run "none" {
  command = plan

  assert {
    condition     = !strcontains(jsonencode(local.policies), "ApplyGuardrail")
    error_message = "without guardrails there must be no permission"
  }
}

run "any_and_elsewhere" {
  command = plan
  variables { config_bundle = "tests/bundles/refused_guardrails.json" }

  expect_failures = [aws_ssm_parameter.configuration]
}
