# The log of threat protection.

mock_provider "aws" {}

variables {
  name             = "openclaw-test"
  callback_urls    = ["https://app.example.com/callback"]
  log_sign_ins     = true
  logs_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs"
}

run "with_threat_protection" {
  command = plan

  assert {
    condition     = aws_cognito_log_delivery_configuration.threats[0].log_configurations[0].event_source == "userAuthEvents" && aws_cognito_log_delivery_configuration.threats[0].log_configurations[0].log_level == "INFO"
    error_message = "each sign-in and its risk must be logged"
  }
  assert {
    condition     = aws_cloudwatch_log_group.threats[0].name == "/aws/vendedlogs/openclaw-test/sign-in" && aws_cloudwatch_log_group.threats[0].kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.threats[0].retention_in_days == 90
    error_message = "the log must be encrypted and kept for 90 days"
  }
}

run "without_threat_protection" {
  command = plan
  variables { threat_protection = "OFF" }

  assert {
    condition     = length(aws_cognito_log_delivery_configuration.threats) == 0 && length(aws_cloudwatch_log_group.threats) == 0
    error_message = "there is nothing to log"
  }
}
