# Planned without a mock, so that policies are rendered and their text can be asserted; nothing calls AWS.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  name                 = "openclaw-test"
  deletion_window_days = 30
}

run "by_default" {
  command = plan

  assert {
    condition     = alltrue([for k in [aws_kms_key.data, aws_kms_key.logs] : k.enable_key_rotation && k.rotation_period_in_days == 365])
    error_message = "both keys must rotate every year"
  }
  assert {
    condition     = alltrue([for k in [aws_kms_key.data, aws_kms_key.logs] : k.deletion_window_in_days == 30])
    error_message = "both keys must wait 30 days before they are deleted"
  }
  assert {
    condition     = aws_kms_alias.data.name == "alias/openclaw-test-data" && aws_kms_alias.logs.name == "alias/openclaw-test-logs"
    error_message = "two environments in one account must have aliases of their own"
  }
  assert {
    condition     = aws_kms_key.data.policy == data.aws_iam_policy_document.data.json && aws_kms_key.logs.policy == data.aws_iam_policy_document.logs.json
    error_message = "each key must have its own policy"
  }
  assert {
    condition = alltrue(flatten([
      for document in [data.aws_iam_policy_document.data, data.aws_iam_policy_document.logs] : [
        for s in jsondecode(document.json).Statement : [for a in flatten([s.Action]) : !contains(["*", "kms:*"], a)]
      ]
    ]))
    error_message = "no statement may permit kms:*"
  }
  assert {
    condition = alltrue(flatten([
      for document in [data.aws_iam_policy_document.data, data.aws_iam_policy_document.logs] : [
        for s in jsondecode(document.json).Statement : contains(["AdministeredByTheAccount", "AlarmsPublish"], s.Sid) || can(s.Condition)
      ]
    ]))
    error_message = "every use of a key must be under a condition, except for the alarms'"
  }
  assert {
    condition = alltrue(flatten([
      for document in [data.aws_iam_policy_document.data, data.aws_iam_policy_document.logs] : [
        for s in jsondecode(document.json).Statement : [
          for a in flatten([s.Action]) : length(regexall("^kms:(Decrypt|Encrypt|ReEncrypt|GenerateDataKey|CreateGrant)", a)) == 0
        ] if s.Sid == "AdministeredByTheAccount"
      ]
    ]))
    error_message = "an administrator may neither use a key nor grant its use"
  }
  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.data, data.aws_iam_policy_document.logs] :
      one([for s in jsondecode(document.json).Statement : s.Principal.AWS if s.Sid == "AdministeredByTheAccount"]) == "arn:aws:iam::123456789012:root"
    ])
    error_message = "only this account may administer the keys"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement : toset(s.Condition.StringEquals["kms:ViaService"]) if s.Sid == "UsedThroughServices"
    ]) == toset([for s in ["dynamodb", "lambda", "s3", "secretsmanager", "sqs", "ssm"] : "${s}.eu-central-1.amazonaws.com"])
    error_message = "the data key must be used through the services that store data, in this region"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement : s.Condition.StringEquals["kms:CallerAccount"] if s.Sid == "UsedThroughServices"
    ]) == "123456789012"
    error_message = "the data key must be used from this account"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement : s.Condition.Bool["kms:GrantIsForAWSResource"] == "true" && s.Action == "kms:CreateGrant" if s.Sid == "GrantedOnlyToServices"
    ])
    error_message = "only a service may make a grant, for itself"
  }
  assert {
    condition = [
      for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement :
      { principal = s.Principal, actions = toset(s.Action), condition = try(s.Condition, null) } if s.Sid == "AlarmsPublish"
    ] == [{ principal = { Service = "cloudwatch.amazonaws.com" }, actions = toset(["kms:Decrypt", "kms:GenerateDataKey*"]), condition = null }]
    error_message = "CloudWatch must be able to use the topic's key as AWS documents it, without a condition on a key that it may not send"
  }
  assert {
    condition     = !strcontains(data.aws_iam_policy_document.data.json, "cloudwatch.amazonaws.com")
    error_message = "CloudWatch must not be able to use the data key"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement :
      s.Principal.Service == "logs.eu-central-1.amazonaws.com" &&
      toset(s.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"]) == toset([
        for group in ["/openclaw-test/*", "/aws/lambda/openclaw-test-*", "/aws/vendedlogs/openclaw-test/*", "aws-waf-logs-openclaw-test", "aws-waf-logs-openclaw-test-sign-in"] : "arn:aws:logs:eu-central-1:123456789012:log-group:${group}"
      ]) if s.Sid == "UsedByOurLogGroups"
    ])
    error_message = "CloudWatch Logs may use the key for this deployment's log groups only"
  }
  assert {
    condition     = toset([for s in jsondecode(data.aws_iam_policy_document.logs.json).Statement : s.Sid]) == toset(["AdministeredByTheAccount", "AlarmsPublish", "UsedByOurLogGroups"])
    error_message = "nobody else may use the logs key"
  }
  assert {
    condition     = !strcontains(data.aws_iam_policy_document.data.json, "autoscaling") && !strcontains(data.aws_iam_policy_document.data.json, "ec2.")
    error_message = "without instances no instance service may use the key"
  }
}

run "auto_scaling_encrypts_disks_when_asked" {
  command = plan
  variables { encrypts_disks = true }

  assert {
    condition = alltrue([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement :
      s.Condition.StringEquals["aws:PrincipalArn"] == "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" if startswith(s.Sid, "AutoScaling")
    ])
    error_message = "only the service-linked role of Auto Scaling may use the key"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement : s.Condition.Bool["kms:GrantIsForAWSResource"] if s.Sid == "AutoScalingGrantsDisks"
    ]) == "true"
    error_message = "Auto Scaling may grant the key only to the disk's service"
  }
  assert {
    condition     = strcontains(data.aws_iam_policy_document.data.json, "ec2.eu-central-1.amazonaws.com")
    error_message = "disks must be used through EC2"
  }
  assert {
    condition = alltrue([
      for s in jsondecode(data.aws_iam_policy_document.data.json).Statement :
      can(s.Condition.StringEquals["aws:PrincipalArn"]) if try(s.Principal.AWS, s.Principal) == "*"
    ])
    error_message = "a condition must restrict a wildcard principal to one role"
  }
}

# A test cannot see a lifecycle.
run "the_key_of_the_logs_outlives_the_deployment" {
  command = plan

  assert {
    condition     = aws_kms_key.logs.enable_key_rotation && length(regexall("(?s)resource \"aws_kms_key\" \"logs\" [{].*?\n  lifecycle [{]\n    prevent_destroy = true\n", file("main.tf"))) == 1
    error_message = "no destroy may make the logs unreadable"
  }
}
