# The thin root, and what applies to all files, whatever the variables.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region                  = "eu-central-1"
  environment             = "test"
  front_door              = "apigateway"
  package_dir             = "tests/packages"
  config_bundle           = "tests/configurations/flat/bundle.json"
  secret_writer_role_arns = ["arn:aws:iam::111122223333:role/operators"]
  identity                = { callback_urls = ["http://localhost:8400/callback"] }
}

run "the_gateway_gets_every_variable_and_gives_every_output" {
  command = plan

  assert {
    condition = output.table_name == "openclaw-test" && length(setsubtract(
      flatten([for file in fileset(path.root, "modules/gateway/*.tf") : regexall("(?m)^variable \"([a-z0-9_]+)\"", file(file))]),
      [for names in regexall("(?m)^  ([a-z0-9_]+) += var[.]([a-z0-9_]+)$", file("main.tf")) : names[0] if names[0] == names[1]],
    )) == 0
    error_message = "main.tf must pass on every variable of the module"
  }
  assert {
    condition = output.table_name == "openclaw-test" && length(setsubtract(
      flatten(regexall("(?m)^output \"([a-z0-9_]+)\"", file("modules/gateway/outputs.tf"))),
      [for names in regexall("output \"([a-z0-9_]+)\" [{] value = module[.]gateway[.]([a-z0-9_]+) [}]", file("outputs.tf")) : names[0] if names[0] == names[1]],
    )) == 0
    error_message = "outputs.tf must pass on every output of the module"
  }
  assert {
    condition     = length(regexall("tags = merge[(]var.cost_tags, [{] Project = var.project, Environment = var.environment, ManagedBy = \"terraform\" [}][)]", file("versions.tf"))) == 1 && length(var.cost_tags) == 0
    error_message = "the provider must tag everything for cost allocation"
  }
  assert {
    condition     = var.allowed_account_ids == null && alltrue([for file in ["versions.tf", "bootstrap/versions.tf"] : length(regexall("(?m)^  allowed_account_ids += var[.]allowed_account_ids$", file(file))) == 1])
    error_message = "the provider must refuse credentials of other accounts if that is asked for"
  }
  assert {
    condition     = var.region == "eu-central-1" && alltrue([for file in fileset(path.root, "modules/**/*.tf") : length(regexall("(?m)^(provider|  backend) ", file(file))) == 0])
    error_message = "only roots may configure a provider or a backend, or the modules could not be called"
  }

  assert {
    condition     = var.region == "eu-central-1" && alltrue([for file in fileset(path.root, "examples/**") : length(regexall("expires = \"(20[3-9][0-9]|2[1-9][0-9]{2})-", file(file))) == 0])
    error_message = "no example may open a network for good"
  }

  assert {
    condition = var.region == "eu-central-1" && alltrue([
      for file in fileset(path.root, "**/*.tf") : length(regexall("(?m)^resource \"aws_iam_role\" ", file(file))) == length(regexall("(?m)^  permissions_boundary += ", file(file))) if file != "bootstrap/deployers.tf"
    ])
    error_message = "every role but those that deploy must have a permissions boundary"
  }

  assert {
    condition = var.region == "eu-central-1" && alltrue([
      for file in fileset(path.root, "modules/**/*.tf") : length(regexall("(?m)^resource \"aws_cloudwatch_log_group\" ", file(file))) == length(regexall("(?m)^  skip_destroy += var[.]keep_log_groups$", file(file)))
    ])
    error_message = "a destroy must leave every log group, unless it is asked not to"
  }
  assert {
    condition     = var.region == "eu-central-1" && alltrue(flatten([for file in fileset(path.root, "modules/gateway/*.tf") : [for value in flatten(regexall("(?m)^ +log_retention_days += var[.]log_retention_days\n +keep_log_groups += ([^\n]*)$", file(file))) : value == "var.deletion_protection"]]))
    error_message = "deletion_protection must decide that for every module"
  }

  # A resource of a provider that no module requires would add that provider.
  assert {
    condition = var.region == "eu-central-1" && alltrue([
      for file in fileset(path.root, "**/*.tf") :
      length(regexall("(?m)^ +source += \"hashicorp/aws\"", file(file))) == length(regexall("required_providers", file(file))) &&
      alltrue([for source in flatten(regexall("(?m)^ +source += \"([^\"]*)\"", file(file))) : source == "hashicorp/aws" || startswith(source, "./") || startswith(source, "../")]) &&
      alltrue([for type in flatten(regexall("(?m)^(?:resource|data|ephemeral) \"([^\"]*)\"", file(file))) : startswith(type, "aws_")])
    ])
    error_message = "hashicorp/aws must be the only provider"
  }
  assert {
    condition     = var.region == "eu-central-1" && alltrue([for file in fileset(path.root, "**/versions.tf") : length(regexall("(?m)^ +version += \"~> 6[.][0-9]+\"$", file(file))) == 1])
    error_message = "every module must accept version 6 of the provider, and no newer one"
  }
  assert {
    condition = var.region == "eu-central-1" && alltrue([
      for module in ["api", "audit", "edge", "function", "identity", "keys", "memory", "secrets", "stream", "websocket"] : length(flatten([
        for file in fileset(path.root, "modules/${module}/*.tf") : regexall("tags = [{].*Component = (?:\"${module}\"|var[.]function)", file(file))
      ])) > 0
    ])
    error_message = "each module must tag what costs money, for cost allocation"
  }
}

run "wrong_values" {
  command = plan

  variables {
    region              = "Frankfurt"
    allowed_account_ids = ["prod"]
    cost_tags           = { Component = "mine" }
  }

  expect_failures = [var.region, var.allowed_account_ids, var.cost_tags]
}

run "tags_of_the_provider_are_its_own" {
  command = plan
  variables { cost_tags = { Environment = "mine" } }
  expect_failures = [var.cost_tags]
}
