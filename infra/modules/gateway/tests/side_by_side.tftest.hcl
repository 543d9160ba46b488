# Two environments in one account must not share a name.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  front_door      = "alb"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  ollama          = { models = ["llama3.2:3b"], ollama_version = "0.30.6", ollama_sha256 = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" } }
}

run "one" {
  command = plan
  variables { environment = "one" }

  # The names with which the other run compares its own.
  assert {
    condition     = length(output.function_names) > 0 && length(output.secret_names) > 0 && output.ollama_ca_parameter != null
    error_message = "the environment must have everything that has a name"
  }
}

run "two" {
  command = plan
  variables { environment = "two" }

  assert {
    condition = length(setintersection(
      concat(values(run.one.function_names), values(run.one.secret_names), [
        run.one.table_name, run.one.configuration_name, run.one.dashboard_name, run.one.ollama_base_url, run.one.ollama_ca_parameter,
      ]),
      concat(values(output.function_names), values(output.secret_names), [
        output.table_name, output.configuration_name, output.dashboard_name, output.ollama_base_url, output.ollama_ca_parameter,
      ]),
    )) == 0
    error_message = "no name may be in both environments; got ${jsonencode([output.function_names, output.secret_names, output.table_name, output.configuration_name])}"
  }
  # What has no output has its name from its module, which receives it here …
  assert {
    condition = alltrue([
      for file in fileset(path.root, "*.tf") :
      length(regexall("(?m)^module \"", file(file))) == length(regexall("(?m)^  name +[=] local[.]name$", file(file)))
    ])
    error_message = "every module must receive the environment's name"
  }
  # … and uses no fixed name, except within something that has a name of its own.
  assert {
    condition = length(setsubtract(
      flatten([
        for file in fileset("${path.root}/..", "*/*.tf") :
        regexall("(?m)^  (?:name|function_name|alarm_name|dashboard_name|policy_name|bucket|identifier) += \"([^$\"]*)\"", file("${path.root}/../${file}"))
      ]),
      ["OpenClaw gateway", "openclaw", "live", "calls", "host", "send", "snapshots", "write-flow-logs"],
    )) == 0
    error_message = "no resource may have a fixed name"
  }
}
