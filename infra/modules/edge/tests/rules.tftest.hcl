# Rules of a route with many paths: AWS accepts three values per condition and five per rule.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                       = "openclaw-test"
  subnet_ids                 = ["subnet-a", "subnet-b"]
  security_group_id          = "sg-1"
  certificate_arn            = "arn:aws:acm:eu-central-1:111122223333:certificate/c"
  access_logs_bucket         = "openclaw-test-logs-111122223333"
  logs_kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  longest_function_timeout_s = 90
  waf                        = false
  jwt                        = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/p", jwks_url = "https://cognito-idp.eu-central-1.amazonaws.com/p/.well-known/jwks.json" }
  functions = {
    health = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-health:live", function_name = "openclaw-test-health", alias = "live" }
    agents = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agents:live", function_name = "openclaw-test-agents", alias = "live" }
  }
  routes = {
    health = { priority = 10, paths = ["/v1/health"], function = "health" }
    agents = { priority = 20, paths = ["/a", "/b", "/c", "/d", "/e", "/f", "/g"], function = "agents" }
  }
  log_retention_days   = 90
  idle_timeout_s       = 120
  prompt_path_prefixes = ["/v1/agent/"]
}

run "a_route_takes_as_many_rules_as_it_needs" {
  command = plan

  assert {
    condition = alltrue([for rules in [aws_lb_listener_rule.preflight, aws_lb_listener_rule.verified] : keys(rules) == ["agents", "agents/2", "agents/3"] && alltrue([
      for rule in rules : sum([for c in rule.condition : sum(concat([0], [for p in c.path_pattern : length(p.values)], [for m in c.http_request_method : length(m.values)]))]) <= 5 &&
      alltrue(flatten([for c in rule.condition : [for p in c.path_pattern : length(p.values) <= 3]]))
    ])])
    error_message = "no rule may have more values than AWS accepts"
  }
  assert {
    condition = alltrue([for rules in [aws_lb_listener_rule.preflight, aws_lb_listener_rule.verified] :
      toset(flatten([for rule in rules : [for c in rule.condition : [for p in c.path_pattern : tolist(p.values)]]])) == toset(var.routes["agents"].paths)
    ])
    error_message = "every path must be in a rule"
  }
  assert {
    condition     = values(aws_lb_listener_rule.preflight)[*].priority == [20, 21, 22] && values(aws_lb_listener_rule.verified)[*].priority == [1020, 1021, 1022]
    error_message = "further rules must have the priorities that follow the route's own"
  }
}

run "further_rules_do_not_take_anothers_priority" {
  command = plan
  variables {
    routes = {
      health = { priority = 21, paths = ["/v1/health"], function = "health" }
      agents = { priority = 20, paths = ["/a", "/b", "/c", "/d"], function = "agents" }
    }
  }
  expect_failures = [var.routes]
}

run "further_rules_stay_below_those_that_verify" {
  command = plan
  variables { routes = { agents = { priority = 999, paths = ["/a", "/b", "/c", "/d"], function = "agents" } } }
  expect_failures = [var.routes]
}

run "a_route_has_a_path" {
  command = plan
  variables { routes = { agents = { priority = 1, paths = [], function = "agents" } } }
  expect_failures = [var.routes]
}

run "a_route_has_a_plain_name" {
  command = plan
  variables { routes = { "agents/2" = { priority = 1, paths = ["/a"], function = "agents" } } }
  expect_failures = [var.routes]
}
