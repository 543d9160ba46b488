# Which models the configuration may name, and what invoking them needs.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "another_provider_by_variable" {
  command = plan

  variables {
    environment_overrides = { LLM_PROVIDER = "openai", LLM_MODEL = "eu.looks-like-a-profile" }
  }

  assert {
    condition     = length(local.model_arns) == 0
    error_message = "what LLM_PROVIDER replaces needs no right; got ${jsonencode(local.model_arns)}"
  }
}

run "another_model_by_variable" {
  command = plan

  variables {
    environment_overrides = { LLM_MODEL = "us.amazon.nova-lite-v1:0" }
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_cross_region_profile_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/profile.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_model_elsewhere_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/elsewhere.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_profile_that_hides_its_regions_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/opaque.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "an_agents_fallback_counts_too" {
  command = plan

  variables {
    config_file = "tests/configurations/fallback.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "what_is_allowed_by_name_passes" {
  command = plan

  variables {
    config_file                 = "tests/configurations/profile.yaml"
    allowed_cross_region_models = { "eu.amazon.nova-lite-v1:0" = { regions = ["eu-west-1"] } }
  }

  assert {
    condition = local.model_arns == tolist([
      "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
    ])
    error_message = "the profile and the model behind it, here and in the named regions; got ${jsonencode(local.model_arns)}"
  }
}

run "an_application_profile_names_its_models" {
  command = plan

  variables {
    config_file = "tests/configurations/opaque.yaml"
    allowed_cross_region_models = {
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123" = { models = ["amazon.nova-lite-v1:0"] }
    }
  }

  assert {
    condition = local.model_arns == tolist([
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
    ])
    error_message = "the profile as given and the model behind it; got ${jsonencode(local.model_arns)}"
  }
}

run "a_router_hides_its_models" {
  command = plan

  variables {
    config_file = "tests/configurations/router.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_global_profile_needs_the_model_without_a_region_too" {
  command = plan

  variables {
    config_file                 = "tests/configurations/fallback.yaml"
    allowed_cross_region_models = { "global.amazon.nova-lite-v1:0" = {} }
  }

  assert {
    condition = local.model_arns == tolist([
      "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/global.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0",
    ])
    error_message = "got ${jsonencode(local.model_arns)}"
  }
}

run "with_a_key_for_bedrock_no_role_may_invoke_or_list" {
  command = plan

  variables {
    config_file = "tests/configurations/bedrock-key.yaml"
  }

  assert {
    condition     = length(local.invokes_models) == 0 && length(local.lists_models) == 0 && length(local.model_arns) == 1
    error_message = "the key stands for whoever made it, not for the role"
  }
}
