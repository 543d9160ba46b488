# Alarms: that they can be delivered, and what they watch.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "delivery" {
  command = plan

  # A test cannot see what a module is called with.
  assert {
    condition     = output.table_name == "openclaw-test" && length(regexall("(?s)module \"observability\" [{][^}]*kms_key_arn += module[.]keys[.]logs_key_arn", file("main.tf"))) == 1
    error_message = "the alarms' topic must have the key whose policy lets CloudWatch use it"
  }
}

run "silence_of_an_http_api" {
  command = plan

  assert {
    condition     = length(module.health_check) == 1 && length(regexall("url += \"[$][{]local[.]base_url[}]/v1/health\"", file("health_check.tf"))) == 1
    error_message = "something must ask an HTTP API whether it is alive, by the name that clients use"
  }
  assert {
    condition     = length(setsubtract(["openclaw-test-silence", "openclaw-test-overhead-p95-default", "openclaw-test-table-errors", "openclaw-test-table-throttles", "openclaw-test-refusals", "openclaw-test-errors-agent"], module.observability.alarm_names)) == 0
    error_message = "these alarms must exist; got ${jsonencode(module.observability.alarm_names)}"
  }
  assert {
    condition     = length([for name in module.observability.alarm_names : name if strcontains(name, "certificate") || strcontains(name, "firewall") || strcontains(name, "latency")]) == 0
    error_message = "nothing may alarm that does not exist, nor the latency of models; got ${jsonencode(module.observability.alarm_names)}"
  }
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    front_door         = "alb"
    certificate_arn    = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
    stream_domain_name = "stream.example.org"
    alarm_thresholds   = { latency_p95_ms = 2000 }
  }

  assert {
    condition     = length(module.health_check) == 0
    error_message = "a load balancer checks by itself, and nobody can reach it from outside"
  }
  assert {
    condition     = length(setsubtract(["openclaw-test-silence", "openclaw-test-firewall-blocks-front-door", "openclaw-test-firewall-blocks-sign-in", "openclaw-test-certificate-front-door", "openclaw-test-certificate-stream", "openclaw-test-latency-p95"], module.observability.alarm_names)) == 0
    error_message = "these alarms must exist; got ${jsonencode(module.observability.alarm_names)}"
  }
}

run "on_the_local_cloud" {
  command = plan
  variables { local_endpoint_url = "http://127.0.0.1:4566" }

  assert {
    condition     = length(module.health_check) == 0 && !contains(module.observability.alarm_names, "openclaw-test-silence")
    error_message = "nothing checks health there"
  }
}
