# The configuration: how it is stored, and which models it may name.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region                   = "eu-central-1"
  environment              = "test"
  front_door               = "apigateway"
  package_dir              = "tests/packages"
  config_file              = "tests/configurations/flat.yaml"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/openclaw-boundary"
  secret_writer_role_arns  = ["arn:aws:iam::111122223333:role/operators"]
  identity                 = { callback_urls = ["http://localhost:8400/callback"] }
}

run "a_short_file_is_one_encrypted_parameter" {
  command = plan

  assert {
    condition     = keys(aws_ssm_parameter.configuration) == ["1"] && aws_ssm_parameter.configuration["1"].name == "/openclaw-test/config/1" && aws_ssm_parameter.configuration["1"].value == file("tests/configurations/flat.yaml")
    error_message = "the file is stored as it is"
  }
  assert {
    condition     = aws_ssm_parameter.configuration["1"].type == "SecureString" && aws_ssm_parameter.configuration["1"].key_id == "arn:aws:kms:eu-central-1:111122223333:key/data"
    error_message = "it is encrypted with the data key"
  }
  assert {
    condition     = local.model_arns == tolist(["arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0"])
    error_message = "the flat keys name a model too; got ${jsonencode(local.model_arns)}"
  }
}

run "a_long_file_is_cut" {
  command = plan

  variables {
    config_file = "tests/configurations/long.yaml"
  }

  assert {
    condition     = keys(aws_ssm_parameter.configuration) == ["1", "2", "3"]
    error_message = "a file with characters of several bytes goes into parts of 1000; got ${jsonencode(keys(aws_ssm_parameter.configuration))}"
  }
  assert {
    condition     = nonsensitive(join("", [for part in ["1", "2", "3"] : aws_ssm_parameter.configuration[part].value])) == file("tests/configurations/long.yaml")
    error_message = "the parts joined are the file"
  }
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
    allowed_cross_region_models = { "eu.amazon.nova-lite-v1:0" = { regions = ["eu-central-1", "eu-west-1"] } }
  }

  assert {
    condition = local.model_arns == tolist([
      "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0",
      "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
    ])
    error_message = "the profile and the model behind it, in the named regions; got ${jsonencode(local.model_arns)}"
  }
}

run "an_application_profile_names_its_model" {
  command = plan

  variables {
    config_file = "tests/configurations/opaque.yaml"
    allowed_cross_region_models = {
      "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123" = { regions = ["eu-central-1"], model = "amazon.nova-lite-v1:0" }
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

run "an_unknown_secret_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/unknown-secret.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_key_in_the_clear_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/key-in-the-clear.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}
