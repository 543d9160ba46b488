data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_default_tags" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  suffix    = data.aws_partition.current.dns_suffix

  arm   = can(regex("^([a-z]+[0-9]+g|a1\\.)", var.instance_type))
  gpu   = can(regex("^(g|p)[0-9]", var.instance_type))
  image = local.gpu ? "/aws/service/deeplearning/ami/${local.arm ? "arm64" : "x86_64"}/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id" : "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.arm ? "arm64" : "x86_64"}"

  zone_name      = "${var.name}.internal"
  host_name      = "ollama.${local.zone_name}"
  parameter_name = "/${var.name}/ollama/ca"

  # default_tags do not apply to what Auto Scaling creates.
  tags = merge(data.aws_default_tags.current.tags, { Name = "${var.name}-ollama", Component = "ollama" })
}

resource "aws_launch_template" "host" {
  name                   = "${var.name}-ollama"
  update_default_version = true
  instance_type          = var.instance_type
  user_data              = base64gzip(local.cloud_config)

  # Resolved at each launch, so that a replaced host has the newest patches and a new image does not change a plan.
  image_id = "resolve:ssm:${local.image}"

  iam_instance_profile {
    arn = aws_iam_instance_profile.host.arn
  }

  dynamic "instance_market_options" {
    for_each = var.market == "spot" ? [true] : []

    content {
      market_type = "spot"
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = [var.security_group_id]
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.volume_gb
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  maintenance_options {
    auto_recovery = "default"
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.key
      tags          = merge(local.tags, { Role = local.tags.Name })
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# One host, which is replaced when it fails, in any zone that has the instance type. EC2 detects a failed machine. A host that
# cannot be installed, or whose Ollama does not recover, shuts itself down, and the group replaces what does not run.
resource "aws_autoscaling_group" "host" {
  name                      = "${var.name}-ollama"
  min_size                  = 1
  max_size                  = 1
  desired_capacity          = 1
  vpc_zone_identifier       = var.subnet_ids
  health_check_type         = "EC2"
  health_check_grace_period = 600
  max_instance_lifetime     = var.max_lifetime_days * 86400
  # The host serves only after its models are downloaded; Terraform does not wait for that.
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.host.id
    version = aws_launch_template.host.latest_version
  }

  # A new version of the template replaces the host. As there is only one, none serves for some minutes.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 0
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false # the template tags instances
    }
  }

  depends_on = [aws_iam_role_policy.host]
}
