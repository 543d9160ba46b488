# terraform -chdir=examples/module test -test-directory=.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  package_dir = "../../tests/packages"
}

run "it_plans" {
  command = plan

  assert {
    condition     = output.base_url == "https://api1.execute-api.eu-central-1.amazonaws.com" && module.openclaw.table_name == "openclaw-team"
    error_message = "the module must create an HTTP API and the environment that the root names"
  }
  assert {
    condition     = aws_sns_topic_subscription.team.topic_arn == module.openclaw.alarm_topic_arn && keys(module.openclaw.machine_client_ids) == ["ticket-bot"]
    error_message = "the root must be able to use the module's outputs"
  }
}
