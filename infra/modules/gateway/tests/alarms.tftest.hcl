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
