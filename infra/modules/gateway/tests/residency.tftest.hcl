# Which models the configuration may name, and what invoking them needs.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "another_provider_by_variable" {
  command = plan

  variables {
    config_bundle         = "../../tests/configurations/elsewhere/bundle.json"
    environment_overrides = { LLM_PROVIDER = "openai", LLM_MODEL = "eu.looks-like-a-profile" }
    allowed_cross_region_models = {
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0" = {}
      "global.amazon.nova-lite-v1:0"                                      = {}
    }
  }

  assert {
    condition     = local.bedrock_models == toset(["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "global.amazon.nova-lite-v1:0"])
    error_message = "LLM_PROVIDER must apply to the default and to agents that name no provider, and only the fallbacks stay with Bedrock; got ${jsonencode(local.bedrock_models)}"
  }
}

run "another_model_by_variable" {
  command = plan

  variables {
    config_bundle         = "../../tests/configurations/providers/bundle.json"
    environment_overrides = { LLM_MODEL = "us.amazon.nova-lite-v1:0" }
  }

  expect_failures = [aws_ssm_parameter.configuration]

  assert {
    condition = local.refused_models == tolist(["us.amazon.nova-lite-v1:0"]) && local.bedrock_models == toset([
      "us.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/cohere.command-r-v1:0",
      "anthropic.claude-3-sonnet-20240229-v1:0",
      "meta.llama3-8b-instruct-v1:0",
      "mistral.mistral-large-2402-v1:0",
    ])
    error_message = "LLM_MODEL must replace the default, be judged as it is, and leave the other models; got ${jsonencode(local.bedrock_models)}"
  }
}

run "bedrock_by_variable" {
  command = plan

  variables {
    config_bundle         = "../../tests/configurations/openai/bundle.json"
    environment_overrides = { LLM_PROVIDER = "bedrock", LLM_MODEL = "amazon.nova-lite-v1:0" }
  }

  assert {
    condition     = local.model_arns == tolist(["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"]) && length(local.lists_models) == 1
    error_message = "the overriding provider must be permitted, and sign, since the file's key is another provider's; got ${jsonencode(local.model_arns)}"
  }
}

run "models_that_leave_the_region_are_refused" {
  command = plan

  variables { config_bundle = "../../tests/configurations/elsewhere/bundle.json" }

  expect_failures = [aws_ssm_parameter.configuration]

  assert {
    condition = local.refused_models == tolist([
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123",
      "arn:aws:bedrock:eu-central-1:111122223333:default-prompt-router/anthropic.claude:1",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
      "eu.amazon.nova-lite-v1:0",
      "global.amazon.nova-lite-v1:0",
    ])
    error_message = "profiles, models in other regions and whatever hides its regions must be refused, wherever they are named; got ${jsonencode(local.refused_models)}"
  }
}

run "what_is_allowed_by_name_passes" {
  command = plan

  variables {
    config_bundle = "../../tests/configurations/elsewhere/bundle.json"
    allowed_cross_region_models = {
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123"     = { models = ["amazon.nova-pro-v1:0"] }
      "arn:aws:bedrock:eu-central-1:111122223333:default-prompt-router/anthropic.claude:1" = { models = ["anthropic.claude-3-haiku-20240307-v1:0"] }
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"                  = {}
      "eu.amazon.nova-lite-v1:0"                                                           = { regions = ["eu-west-1"] }
      "global.amazon.nova-lite-v1:0"                                                       = {}
    }
  }

  assert {
    condition = toset(local.model_arns) == toset([
      # A profile or a router as given, and the models behind it.
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-pro-v1:0",
      "arn:aws:bedrock:eu-central-1:111122223333:default-prompt-router/anthropic.claude:1",
      "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
      # A profile of AWS, and its model here and in the named regions.
      "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
      # A global profile, and its model without a region too.
      "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/global.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    ])
    error_message = "the allowed models must have exactly these permissions; got ${jsonencode(local.model_arns)}"
  }
}

run "a_key_for_bedrock_replaces_permissions" {
  command = plan

  variables { config_bundle = "../../tests/configurations/bedrock-key/bundle.json" }

  assert {
    condition     = length(local.invokes_models) == 0 && length(local.lists_models) == 0 && length(local.model_arns) == 1
    error_message = "the key authenticates its owner, so the role must have no permission"
  }
}
