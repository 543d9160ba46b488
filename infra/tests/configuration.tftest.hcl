# openclaw.yaml: how it is stored, and what may not stand in it.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "a_short_file_is_one_encrypted_parameter" {
  command = plan

  assert {
    condition     = keys(aws_ssm_parameter.configuration) == ["1"] && aws_ssm_parameter.configuration["1"].name == "/openclaw-test/config/1"
    error_message = "got ${jsonencode(keys(aws_ssm_parameter.configuration))}"
  }
  assert {
    condition     = yamldecode(nonsensitive(aws_ssm_parameter.configuration["1"].value)) == yamldecode(file("tests/configurations/flat.yaml"))
    error_message = "what is stored says the same as the file"
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
    condition     = yamldecode(nonsensitive(join("", [for part in ["1", "2", "3"] : aws_ssm_parameter.configuration[part].value]))) == yamldecode(file("tests/configurations/long.yaml"))
    error_message = "the parts joined say the same as the file"
  }
  assert {
    condition     = nonsensitive(alltrue([for part in aws_ssm_parameter.configuration : !strcontains(part.value, "{{")]))
    error_message = "Parameter Store refuses two opening braces in a row"
  }
}

run "a_machine_client_stands_by_its_name" {
  command = plan

  variables {
    config_file = "tests/configurations/machine.yaml"
    identity = {
      callback_urls   = ["http://localhost:8400/callback"]
      domain_prefix   = "openclaw-test"
      machine_clients = { nightly-report = {} }
    }
  }

  assert {
    condition = yamldecode(nonsensitive(join("", values(aws_ssm_parameter.configuration)[*].value))).authentication.clients == {
      "1example23456789abcdefghij" = { tenant = "acme", groups = ["user"] }
      "0123456789abcdefghijklmnop" = { groups = ["admin"] }
    }
    error_message = "a name is replaced by the id, an id stays; got ${nonsensitive(join("", values(aws_ssm_parameter.configuration)[*].value))}"
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

run "a_key_in_a_header_is_refused_too" {
  command = plan

  variables {
    config_file = "tests/configurations/key-in-a-header.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "another_environments_parameter_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/foreign-parameter.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_client_that_is_neither_name_nor_id_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/machine.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "three_braces_are_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/braces.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_reference_with_a_key_before_it_is_no_reference" {
  command = plan

  variables {
    config_file = "tests/configurations/key-before-a-reference.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "an_agent_has_no_key_of_its_own" {
  command = plan

  variables {
    config_file = "tests/configurations/key-of-an-agent.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_header_that_carries_a_token_is_known_by_its_value" {
  command = plan

  variables {
    config_file = "tests/configurations/token-in-a-header.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "an_address_holds_no_password" {
  command = plan

  variables {
    config_file = "tests/configurations/password-in-an-address.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "an_address_of_aws_elsewhere_is_refused" {
  command = plan

  variables {
    config_file = "tests/configurations/address-elsewhere.yaml"
  }

  expect_failures = [aws_ssm_parameter.configuration]
}
