# How many invocations each function may have at once.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "by_default" {
  command = plan

  assert {
    condition = jsonencode({ for key, size in local.sizes : key => size.reserved_concurrency }) == jsonencode({
      agent = 150, agents = -1, archive = -1, authorizer = 50, conversations = -1, health = -1, stream = 150, websocket = 50
    })
    error_message = "the functions that callers keep busy must have a limit; got ${jsonencode(local.sizes)}"
  }
  assert {
    condition     = 2 * sum(values(local.default_reserves)) <= 1000 - 100 && local.default_reserves.agent + local.default_reserves.stream >= 256
    error_message = "two environments must fit into the usual quota, and a tenant's runs into one of them"
  }
  assert {
    condition     = toset([for name in module.observability.alarm_names : name if startswith(name, "openclaw-test-concurrency-")]) == toset(["openclaw-test-concurrency-agent", "openclaw-test-concurrency-authorizer", "openclaw-test-concurrency-stream", "openclaw-test-concurrency-websocket"])
    error_message = "each limit must have an alarm; got ${jsonencode(module.observability.alarm_names)}"
  }
  assert {
    condition     = alltrue([for key in keys(local.functions) : contains(module.observability.alarm_names, "openclaw-test-throttles-${key}")])
    error_message = "each function must have an alarm on refused invocations"
  }
  assert {
    condition = toset([for name in module.observability.alarm_names : name if startswith(name, "openclaw-test-errors-")]) == toset([
      for key in keys(local.functions) : "openclaw-test-errors-${key}" if key != "authorizer"
    ])
    error_message = "each function must have an alarm on failed invocations, but not authorizer, which fails one for each bad token"
  }
}

run "in_an_account_with_a_small_quota" {
  command = plan
  variables { account_concurrency_limit = 10 }

  assert {
    condition     = alltrue([for size in local.sizes : size.reserved_concurrency == -1])
    error_message = "no function may have a limit, because Lambda would refuse it; got ${jsonencode(local.sizes)}"
  }
}

run "settings_differ" {
  command = plan
  variables { function_settings = { agent = { reserved_concurrency = -1 }, stream = { reserved_concurrency = 0 }, health = { memory_mb = 256 } } }

  assert {
    condition     = local.sizes["agent"].reserved_concurrency == -1 && local.sizes["stream"].reserved_concurrency == 0 && local.sizes["health"].reserved_concurrency == -1 && local.sizes["websocket"].reserved_concurrency == 50
    error_message = "-1 must mean none, 0 that the function is stopped, and nothing the default; got ${jsonencode(local.sizes)}"
  }
}

run "more_than_the_account_can_reserve" {
  command = plan
  variables { function_settings = { agents = { reserved_concurrency = 551 } } }

  expect_failures = [aws_ssm_parameter.configuration]
}

run "a_reserve_in_a_small_account" {
  command = plan
  variables {
    account_concurrency_limit = 10
    function_settings         = { agent = { reserved_concurrency = 5 } }
  }

  expect_failures = [aws_ssm_parameter.configuration]
}
