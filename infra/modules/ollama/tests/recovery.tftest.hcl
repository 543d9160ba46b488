# What happens when the host cannot be installed, fails or is lost, and which alarms fire.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_default_tags" {
    defaults = { tags = {} }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name                     = "openclaw-prod"
  environment              = "prod"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-0123456789abcdef0"]
  security_group_id        = "sg-0123456789abcdef0"
  models                   = ["llama3.2:3b"]
  ollama_version           = "0.30.6"
  ollama_sha256            = { amd64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  token_secret_arn         = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-prod/ollama/token-AbCdEf"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-host-boundary"

  service_permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-service-boundary"

  alarm_topic_arn      = "arn:aws:sns:eu-central-1:123456789012:openclaw-prod-alarms"
  log_retention_days   = 90
  port                 = 11434
  secret_recovery_days = 30
}

run "by_default" {
  command = plan

  assert {
    condition     = jsonencode(local.first_boot) == jsonencode([["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", "ollama-install.service"]])
    error_message = "the first boot must start the installation"
  }
  assert {
    condition = alltrue([
      for setting in ["Restart=on-failure", "StartLimitBurst=10", "StartLimitAction=poweroff", "ConditionPathExists=!/var/lib/openclaw/installed"] :
      strcontains(local.files["ollama-install.service"], "\n${setting}\n")
    ])
    error_message = "the installation must be tried up to ten times and done once, and a host that cannot be installed must shut down"
  }
  assert {
    condition     = strcontains(local.files["health.sh"], "\n    systemctl poweroff\n") && aws_autoscaling_group.host.health_check_type == "EC2" && aws_autoscaling_group.host.min_size == 1
    error_message = "a host whose Ollama does not recover must shut down, and the group must replace what does not run"
  }
  assert {
    condition     = aws_iam_role.host.tags["Environment"] == "prod"
    error_message = "the role must carry the environment whatever the provider's default tags are, or it cannot read the token"
  }
  assert {
    condition     = alltrue([for tags in aws_launch_template.host.tag_specifications : tags.tags.Component == "ollama"])
    error_message = "what costs by the hour must carry the tag Component"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.host["serving"].alarm_name == "openclaw-prod-ollama-serving" &&
      aws_cloudwatch_metric_alarm.host["serving"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.host["serving"].threshold == 1 &&
      aws_cloudwatch_metric_alarm.host["serving"].treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.host["serving"].evaluation_periods * aws_cloudwatch_metric_alarm.host["serving"].period == 20 * 60
    )
    error_message = "20 minutes without a signal must alarm"
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.host["serving"].dimensions == tomap({ Host = local.environment.METRICS_HOST }) &&
      alltrue([for alarm in aws_cloudwatch_metric_alarm.host : alarm.namespace == local.environment.METRICS_NAMESPACE]) &&
      strcontains(local.files["health.sh"], "--metric-name ${aws_cloudwatch_metric_alarm.host["serving"].metric_name} ")
    )
    error_message = "the alarm must watch what the host reports"
  }
  assert {
    condition = alltrue([
      for plugin in ["mem", "disk"] : anytrue([
        for alarm in aws_cloudwatch_metric_alarm.host :
        alarm.metric_name == "${plugin}_${one(local.cloudwatch_agent.metrics.metrics_collected[plugin].measurement)}" &&
        alarm.dimensions["Host"] == local.cloudwatch_agent.metrics.metrics_collected[plugin].append_dimensions.Host &&
        alarm.namespace == local.cloudwatch_agent.metrics.namespace
      ])
    ])
    error_message = "what the agent reports must be watched"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.host["memory"].threshold == 90 && aws_cloudwatch_metric_alarm.host["disk"].threshold == 85
    error_message = "memory must alarm above 90 %, disk above 85 %"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.host : alarm.alarm_actions == toset([var.alarm_topic_arn]) && alarm.ok_actions == toset([var.alarm_topic_arn])])
    error_message = "each alarm must notify when it begins and when it ends"
  }
  assert {
    condition = jsonencode({
      for s in data.aws_iam_policy_document.snapshots.statement : s.sid => { actions = sort(s.actions), resources = sort(s.resources), conditions = sort([for c in s.condition : "${c.test} ${c.variable} ${one(c.values)}"]) }
      }) == jsonencode({
      Find              = { actions = ["ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeVolumes"], resources = ["*"], conditions = [] }
      CopyOurDisk       = { actions = ["ec2:CreateSnapshot"], resources = ["arn:aws:ec2:eu-central-1:123456789012:volume/*"], conditions = ["StringEquals aws:ResourceTag/Role openclaw-prod-ollama"] }
      MakeAndTagTheCopy = { actions = ["ec2:CreateSnapshot", "ec2:CreateTags"], resources = ["arn:aws:ec2:eu-central-1::snapshot/*"], conditions = [] }
      ForgetOurCopies   = { actions = ["ec2:DeleteSnapshot"], resources = ["arn:aws:ec2:eu-central-1::snapshot/*"], conditions = ["StringEquals aws:ResourceTag/Role openclaw-prod-ollama"] }
      UseDiskKey = {
        actions    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
        resources  = [var.kms_key_arn]
        conditions = ["StringEquals kms:ViaService ec2.eu-central-1.amazonaws.com"]
      }
      LetEc2UseDiskKey = {
        actions    = ["kms:CreateGrant"]
        resources  = [var.kms_key_arn]
        conditions = ["Bool kms:GrantIsForAWSResource true", "StringEquals kms:ViaService ec2.eu-central-1.amazonaws.com"]
      }
    })
    error_message = "the role may copy this host's disk, and use its key through EC2 only"
  }
  assert {
    condition     = aws_iam_role_policy.snapshots.policy == data.aws_iam_policy_document.snapshots.json
    error_message = "the role must have that policy"
  }
}

run "thresholds_are_a_variable" {
  command = plan
  variables { alarm_thresholds = { memory_percent = 50, disk_percent = 60 } }

  assert {
    condition     = aws_cloudwatch_metric_alarm.host["memory"].threshold == 50 && aws_cloudwatch_metric_alarm.host["disk"].threshold == 60
    error_message = "each alarm must follow its variable"
  }
}

run "bad_values" {
  command = plan
  variables { alarm_thresholds = { disk_percent = 100 } }
  expect_failures = [var.alarm_thresholds]
}
