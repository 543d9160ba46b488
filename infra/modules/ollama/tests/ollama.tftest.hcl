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
    defaults = { tags = { Environment = "prod" } }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name                     = "openclaw-prod"
  environment              = "prod"
  alarm_topic_arn          = "arn:aws:sns:eu-central-1:123456789012:openclaw-prod-alarms"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_id        = "sg-0123456789abcdef0"
  models                   = ["llama3.2:3b", "nomic-embed-text"]
  ollama_version           = "0.30.6"
  ollama_sha256            = { amd64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", arm64 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }
  token_secret_arn         = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openclaw-prod/ollama/token-AbCdEf"
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  logs_kms_key_arn         = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-host-boundary"

  service_permissions_boundary_arn = "arn:aws:iam::123456789012:policy/openclaw-service-boundary"

  log_retention_days   = 90
  port                 = 11434
  secret_recovery_days = 30
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_launch_template.host.image_id == "resolve:ssm:/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"
    error_message = "with a graphics card the image must be Amazon Linux 2023 with its driver"
  }
  assert {
    condition     = length(aws_launch_template.host.instance_market_options) == 0
    error_message = "the host must be on demand by default"
  }
  assert {
    condition     = local.environment.MODELS == "llama3.2:3b nomic-embed-text"
    error_message = "the host must download each model"
  }
  assert {
    condition     = aws_launch_template.host.key_name == null
    error_message = "the host must have no key pair"
  }
  assert {
    condition = (
      one(aws_launch_template.host.network_interfaces).associate_public_ip_address == "false" &&
      one(aws_launch_template.host.network_interfaces).security_groups == toset(["sg-0123456789abcdef0"])
    )
    error_message = "the host must have no public address, and only the group that admits the functions"
  }
  assert {
    condition     = aws_autoscaling_group.host.vpc_zone_identifier == toset(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"])
    error_message = "the host must be in the private subnets"
  }
  assert {
    condition     = one(aws_launch_template.host.metadata_options).http_tokens == "required" && one(aws_launch_template.host.metadata_options).http_put_response_hop_limit == 1
    error_message = "the metadata service must need a session, and answer the host only"
  }
  assert {
    condition = alltrue([
      for unit in ["ollama.service", "ollama-gate.service", "ollama-models.service"] :
      strcontains(local.files[unit], "\nIPAddressDeny=169.254.169.254/32 fd00:ec2::254/128\n")
    ])
    error_message = "processes that use the network must not reach the role's credentials"
  }
  assert {
    condition = (
      one(one(aws_launch_template.host.block_device_mappings).ebs).encrypted == "true" &&
      one(one(aws_launch_template.host.block_device_mappings).ebs).kms_key_id == var.kms_key_arn &&
      one(one(aws_launch_template.host.block_device_mappings).ebs).volume_type == "gp3"
    )
    error_message = "the disk must be encrypted with our key"
  }
  assert {
    condition     = aws_autoscaling_group.host.min_size == 1 && aws_autoscaling_group.host.max_size == 1 && aws_autoscaling_group.host.desired_capacity == 1
    error_message = "there must be exactly one host"
  }
  assert {
    condition     = aws_autoscaling_group.host.health_check_type == "EC2" && one(aws_launch_template.host.maintenance_options).auto_recovery == "default"
    error_message = "a failed machine must be recovered or replaced"
  }
  assert {
    condition     = aws_autoscaling_group.host.max_instance_lifetime == 30 * 86400
    error_message = "no host may be older than the patches of a month"
  }
  assert {
    condition     = contains(local.written[*].path, "/etc/systemd/system/ollama-health.timer") && strcontains(local.files["health.sh"], "systemctl restart ollama.service")
    error_message = "a process that hangs must be restarted"
  }
  assert {
    condition     = aws_route53_zone.this.name == "openclaw-prod.internal" && one(aws_route53_zone.this.vpc).vpc_id == var.vpc_id
    error_message = "the zone must be private, in our VPC"
  }
  assert {
    condition     = local.host_name == "ollama.openclaw-prod.internal" && output.base_url == "https://ollama.openclaw-prod.internal:11434"
    error_message = "the certificate must be for that name"
  }
  assert {
    condition = toset([
      for condition in one([for statement in data.aws_iam_policy_document.host.statement : statement if statement.sid == "OwnName"]).condition :
      "${condition.variable} ${one(condition.values)}"
      ]) == toset([
      "route53:ChangeResourceRecordSetsNormalizedRecordNames ollama.openclaw-prod.internal",
      "route53:ChangeResourceRecordSetsRecordTypes A",
      "route53:ChangeResourceRecordSetsActions UPSERT",
    ])
    error_message = "the host may only write its own address record"
  }
  assert {
    condition     = local.environment.OLLAMA_SHA256 == "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" && local.environment.OLLAMA_VERSION == "0.30.6"
    error_message = "the sum must be of this release for this architecture"
  }
  assert {
    condition     = can(regex("(?s)sha256sum --check --strict.*tar --extract", local.files["install.sh"]))
    error_message = "the archive must be unpacked only after its sum is checked"
  }
  assert {
    condition     = can(regex("set -euo pipefail", local.files["install.sh"]))
    error_message = "a wrong sum must end the installation"
  }
  assert {
    condition     = strcontains(local.nginx_conf, "listen 11434 ssl;") && strcontains(local.nginx_conf, "ssl_protocols TLSv1.3;") && !can(regex("listen [^;]*[0-9];", local.nginx_conf))
    error_message = "nothing may be served without TLS"
  }
  assert {
    condition     = can(regex("if \\(\\$admitted = 0\\) \\{\\s+return 401;", local.nginx_conf))
    error_message = "nothing may be served without the token"
  }
  assert {
    condition     = toset(flatten(regexall("location = (\\S+)", local.nginx_conf))) == toset(["/api/chat", "/api/tags"])
    error_message = "only what the gateway calls may be served"
  }
  assert {
    condition     = strcontains(local.files["ollama.service"], "Environment=OLLAMA_HOST=127.0.0.1:11500")
    error_message = "Ollama itself must listen on the loopback address only"
  }
  assert {
    condition     = strcontains(local.files["refresh.sh"], "nameConstraints = critical, permitted;DNS:$${HOST_NAME}")
    error_message = "the authority must be constrained to one name"
  }
  assert {
    condition     = aws_secretsmanager_secret.authority.kms_key_id == var.kms_key_arn && aws_secretsmanager_secret.authority.recovery_window_in_days == 30
    error_message = "the authority's secret must be encrypted with our key"
  }
  assert {
    condition = jsonencode({
      for s in data.aws_iam_policy_document.authority.statement : s.sid => {
        effect     = s.effect
        actions    = sort([for action in s.actions : trimprefix(action, "secretsmanager:")])
        conditions = [for c in s.condition : "${c.test} ${c.variable} ${one(c.values)}"]
      }
      }) == jsonencode({
      OnlyTheHost = {
        effect     = "Deny"
        actions    = ["GetSecretValue", "PutSecretValue", "RotateSecret", "UpdateSecret", "UpdateSecretVersionStage"]
        conditions = ["ArnNotEquals aws:PrincipalArn arn:aws:iam::123456789012:role/openclaw-prod-ollama"]
      }
      StaysInItsRegion = { effect = "Deny", actions = ["ReplicateSecretToRegions"], conditions = [] }
    })
    error_message = "nobody else may read, write or replicate the secret, whatever their policy permits"
  }
  assert {
    condition     = output.ca_parameter_name == "/openclaw-prod/ollama/ca" && output.ca_pem == null
    error_message = "the functions must receive the certificate from a parameter when it exists"
  }
  assert {
    condition = alltrue(flatten([
      for unit in ["ollama.service", "ollama-gate.service", "ollama-models.service"] : [
        for setting in [
          "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "ProtectKernelModules=yes",
          "ProtectKernelTunables=yes", "ProtectControlGroups=yes", "PrivateTmp=yes", "RestrictNamespaces=yes", "RestrictSUIDSGID=yes",
          "LockPersonality=yes", "SystemCallFilter=@system-service", "UMask=0077",
        ] : strcontains(local.files[unit], "\n${setting}\n")
      ]
    ]))
    error_message = "processes that use the network must be confined"
  }
  assert {
    condition = alltrue([
      for unit in ["ollama-refresh.service", "ollama-health.service", "ollama-gpu.service"] :
      strcontains(local.files[unit], "\nNoNewPrivileges=yes\n") && strcontains(local.files[unit], "\nProtectSystem=strict\n") && strcontains(local.files[unit], "\nCapabilityBoundingSet=")
    ])
    error_message = "processes that must run as root must be confined too"
  }
  assert {
    condition     = can(regex("\nDynamicUser=yes\n", local.files["ollama.service"])) && can(regex("\nUser=ollama-gate\n", local.files["ollama-gate.service"]))
    error_message = "neither Ollama nor its gate may run as root"
  }
  assert {
    condition = toset([for file in local.written : basename(file.path)]) == setunion(
      fileset("files", "*.{sh,service,timer}"), ["nginx.conf", "cloudwatch.json", "host.env"],
    )
    error_message = "every file must reach the host"
  }
  assert {
    condition = (
      jsondecode(aws_ssm_document.session.content).inputs.cloudWatchLogGroupName == aws_cloudwatch_log_group.sessions.name &&
      jsondecode(aws_ssm_document.session.content).inputs.cloudWatchEncryptionEnabled &&
      jsondecode(aws_ssm_document.session.content).inputs.cloudWatchStreamingEnabled
    )
    error_message = "input and output must be logged during the session"
  }
  assert {
    condition     = aws_cloudwatch_log_group.sessions.kms_key_id == var.logs_kms_key_arn && aws_cloudwatch_log_group.sessions.retention_in_days == 90
    error_message = "the log must be encrypted, and kept for 90 days"
  }
  assert {
    condition = anytrue([
      for condition in one([for statement in data.aws_iam_policy_document.session.statement : statement if statement.sid == "StartOnThisHost"]).condition :
      condition.variable == "ssm:SessionDocumentAccessCheck"
    ])
    error_message = "an operator must not be able to choose a document that does not log"
  }
  assert {
    condition     = jsonencode([for s in data.aws_iam_policy_document.session.statement : s.resources if s.sid == "TypeInOwnSessions" && s.actions == toset(["ssmmessages:OpenDataChannel"])]) == jsonencode([[for s in data.aws_iam_policy_document.session.statement : one(s.resources) if s.sid == "EndOwnSessions"]])
    error_message = "an operator must be able to open the channel of a session of their own, and of no other"
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.host.statement : tolist(statement.actions)])) == toset([
      "cloudwatch:PutMetricData",
      "kms:Decrypt", "kms:GenerateDataKey",
      "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents",
      "route53:ChangeResourceRecordSets",
      "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
      "ssm:PutParameter", "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ])
    error_message = "the role must have exactly these actions, because a new one is a decision"
  }
  assert {
    condition     = aws_iam_role.host.permissions_boundary == var.permissions_boundary_arn && aws_iam_role.snapshots.permissions_boundary == var.service_permissions_boundary_arn
    error_message = "a boundary must limit each role"
  }
  assert {
    # The ARNs of these two are known only after an apply.
    condition = toset([
      for statement in data.aws_iam_policy_document.host.statement : statement.sid
      if contains(["KeepAuthority", "OwnName"], statement.sid) ? false : contains(statement.resources, "*")
    ]) == toset(["SessionChannels", "Metrics"])
    error_message = "only these statements may have the resource *"
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.host.statement : statement.resources if statement.sid == "ReadToken"]) == toset([var.token_secret_arn])
    error_message = "the role may read only its own token of the given secrets"
  }
  assert {
    condition = (
      one(one(one(aws_dlm_lifecycle_policy.daily.policy_details).schedule).create_rule).interval == 24 &&
      one(one(one(aws_dlm_lifecycle_policy.daily.policy_details).schedule).create_rule).times == tolist(["03:00"]) &&
      one(one(one(aws_dlm_lifecycle_policy.daily.policy_details).schedule).retain_rule).count == 7 &&
      aws_dlm_lifecycle_policy.daily.state == "ENABLED"
    )
    error_message = "there must be a snapshot every day, and seven must be kept"
  }
  assert {
    condition = (
      one(aws_dlm_lifecycle_policy.daily.policy_details).target_tags == tomap({ Role = "openclaw-prod-ollama" }) &&
      one([for tags in aws_launch_template.host.tag_specifications : tags.tags.Role if tags.resource_type == "volume"]) == "openclaw-prod-ollama"
    )
    error_message = "snapshots must be of this host's encrypted disk, and encrypted too"
  }
  assert {
    condition     = keys(local.cloudwatch_agent.metrics.metrics_collected) == ["disk", "mem", "nvidia_gpu"] && local.cloudwatch_agent.metrics.aggregation_dimensions == [["Host"]] && local.cloudwatch_agent.agent.run_as_user == "cwagent"
    error_message = "memory and disk must be reported, and not as root"
  }
  assert {
    condition     = strcontains(local.files["install.sh"], "amazon-cloudwatch-agent-ctl")
    error_message = "the agent must be started"
  }
  assert {
    condition     = alltrue([for tags in aws_launch_template.host.tag_specifications : tags.tags.Environment == "prod"])
    error_message = "resources that Auto Scaling creates must have default_tags, which Auto Scaling does not apply"
  }
}

run "instance_type_is_a_variable" {
  command = plan
  variables {
    instance_type = "c7g.4xlarge"
  }

  assert {
    condition     = aws_launch_template.host.instance_type == "c7g.4xlarge" && aws_launch_template.host.image_id == "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    error_message = "Graviton without a card must use plain Amazon Linux 2023 for arm64"
  }
  assert {
    condition     = local.environment.OLLAMA_ARCHITECTURE == "arm64" && startswith(local.environment.OLLAMA_SHA256, "bbbb")
    error_message = "the archive and its sum must be for arm64"
  }
}

run "graviton_with_a_card" {
  command = plan
  variables {
    instance_type = "g5g.xlarge"
  }

  assert {
    condition     = aws_launch_template.host.image_id == "resolve:ssm:/aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"
    error_message = "Graviton with a card must use the arm64 image with its driver"
  }
}

run "market_spot" {
  command = plan
  variables {
    market = "spot"
  }

  assert {
    condition     = one(aws_launch_template.host.instance_market_options).market_type == "spot"
    error_message = "market must reach the template"
  }
}

run "wrong_values" {
  command = plan
  variables {
    instance_type     = "g4ad.xlarge"
    market            = "reserved"
    models            = ["llama3\"; reboot; \""]
    ollama_version    = "latest"
    volume_gb         = 20
    port              = 443
    snapshot_time     = "25:00"
    snapshots_kept    = 0
    max_lifetime_days = 0
  }
  expect_failures = [
    var.instance_type,
    var.market,
    var.models,
    var.ollama_version,
    var.volume_gb,
    var.port,
    var.snapshot_time,
    var.snapshots_kept,
    var.max_lifetime_days,
  ]
}

run "no_model_and_the_sum_of_another_architecture" {
  command = plan
  variables {
    models        = []
    instance_type = "c7g.4xlarge"
    ollama_sha256 = { amd64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }
  expect_failures = [var.models, var.ollama_sha256]
}

run "a_short_sum" {
  command = plan
  variables { ollama_sha256 = { amd64 = "abc" } }
  expect_failures = [var.ollama_sha256]
}
