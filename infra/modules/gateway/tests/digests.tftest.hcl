# The key with which log lines name callers.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

override_resource {
  target          = module.secrets.aws_secretsmanager_secret.this["digest-key"]
  override_during = plan
  values          = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:digest-key" }
}

run "every_function_that_knows_callers_reads_it" {
  command = plan

  assert {
    condition     = output.digest_secret_name == "openclaw-test/digest-key" && contains(keys(module.secrets.arns), "digest-key") && !contains(values(output.secret_names), output.digest_secret_name)
    error_message = "the secret must exist, apart from those of providers; got ${output.digest_secret_name}"
  }
  assert {
    condition     = [for key, environment in local.environments : key if try(environment.OPENCLAW_DIGEST_SECRET, "") == output.digest_secret_name] == ["agent", "agents", "conversations", "stream", "websocket"]
    error_message = "every function but archive and health must receive its name"
  }
  assert {
    condition = jsonencode({ for key, statements in local.policies : key => [for s in statements : { actions = s.actions, resources = s.resources } if s.sid == "ReadDigestKey"] }) == jsonencode({
      for key in ["agent", "agents", "archive", "authorizer", "conversations", "health", "stream", "websocket"] : key => contains(["archive", "authorizer", "health"], key) ? [] : [{
        actions   = ["secretsmanager:GetSecretValue"]
        resources = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:digest-key"]
      }]
    })
    error_message = "the same functions must read it, and only read it; got ${jsonencode(local.policies)}"
  }
  assert {
    condition     = local.secret_readers["digest-key"] == [for function in local.names_callers : "arn:aws:iam::111122223333:role/openclaw-test-${function}"]
    error_message = "the secret's own policy must admit their roles; got ${jsonencode(local.secret_readers["digest-key"])}"
  }
  # A value in a file would be in the state.
  assert {
    condition     = length(local.names_callers) == 5 && alltrue([for file in fileset("../..", "modules/**/*.tf") : length(regexall("aws_secretsmanager_secret_version", file("../../${file}"))) == 0])
    error_message = "Terraform must not write its value"
  }
}

run "without_apis_beside_the_front_door" {
  command = plan
  variables {
    streams   = false
    websocket = false
  }

  assert {
    condition     = local.secret_readers["digest-key"] == [for function in ["agent", "agents", "conversations"] : "arn:aws:iam::111122223333:role/openclaw-test-${function}"]
    error_message = "a role that does not exist must not be named; got ${jsonencode(local.secret_readers["digest-key"])}"
  }
}

run "a_configuration_cannot_name_it" {
  command = plan
  variables { secrets = ["digest-key", "openai/api-key"] }

  expect_failures = [var.secrets]
}
