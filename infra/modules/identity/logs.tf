# What threat protection has found, for each sign-in: who, from where, and how risky. Cognito itself keeps that for two years, but
# shows it for one user at a time.

locals {
  logs_threats = var.threat_protection != "OFF" && var.log_sign_ins
}

resource "aws_cloudwatch_log_group" "threats" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  count = local.logs_threats ? 1 : 0

  # A group below /aws/vendedlogs/ needs no entry in the log delivery's resource policy, whose size is limited.
  name              = "/aws/vendedlogs/${var.name}/sign-in"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups

  tags = { Component = "identity" }
}

resource "aws_cognito_log_delivery_configuration" "threats" {
  count = local.logs_threats ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this.id

  log_configurations {
    event_source = "userAuthEvents"
    log_level    = "INFO"

    cloud_watch_logs_configuration {
      log_group_arn = aws_cloudwatch_log_group.threats[0].arn
    }
  }
}
