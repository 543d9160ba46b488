# An endpoint's policy limits whose resources can be reached through it, and by whom. It leaves the actions to each role's own
# policy, and names only those that have no resource of ours.

locals {
  services = setunion(["s3", "dynamodb"], var.interface_endpoints)

  # Action prefixes where they differ from the endpoint's name.
  action_prefixes = merge({ for service in local.services : service => service }, { "bedrock-runtime" = "bedrock" })

  # Services whose actions have no resource of ours; each has its actions below.
  without_resources = ["bedrock", "monitoring", "ssmmessages"]

  # by_us restricts a statement to this account's principals. A request without credentials has no principal.
  statements = concat(
    [for service in local.services : {
      service   = service
      sid       = "OurResources"
      actions   = ["${local.action_prefixes[service]}:*"]
      resources = var.endpoint_resource_arns[service]
      # The key set is read without credentials.
      by_us = service != "cognito-idp"
    } if !contains(local.without_resources, service)],
    # The list of models, and Bedrock's own keys, which replace a role's credentials.
    [
      { service = "bedrock", sid = "ListModels", actions = ["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"], resources = ["*"], by_us = true },
      { service = "bedrock", sid = "BedrockKeys", actions = ["bedrock:CallWithBearerToken"], resources = ["*"], by_us = true },
      { service = "bedrock-runtime", sid = "BedrockKeys", actions = ["bedrock:CallWithBearerToken"], resources = ["*"], by_us = true },
    ],
    var.ollama_host ? [
      # Packages are read without credentials from the region's bucket of Amazon Linux 2023.
      { service = "s3", sid = "OllamaPackages", actions = ["s3:GetObject"], resources = ["arn:${local.partition}:s3:::al2023-repos-${local.region}-de612dc2/*"], by_us = false },
      # The SSM agent's heartbeat, which Session Manager requires.
      { service = "ssm", sid = "OllamaHeartbeat", actions = ["ssm:UpdateInstanceInformation"], resources = ["*"], by_us = true },
      # Its sessions, and the metrics of the CloudWatch agent, in the namespace to which the host's role is restricted.
      { service = "ssmmessages", sid = "OllamaSessions", actions = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"], resources = ["*"], by_us = true },
      { service = "monitoring", sid = "OllamaMetrics", actions = ["cloudwatch:PutMetricData"], resources = ["*"], by_us = true },

      # The same agent searches all log groups for that of the sessions.
      { service = "logs", sid = "OllamaLogGroups", actions = ["logs:DescribeLogGroups"], resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"], by_us = true },
    ] : [],
  )
}

data "aws_iam_policy_document" "endpoint" {
  for_each = local.services

  dynamic "statement" {
    for_each = [for statement in local.statements : statement if statement.service == each.key]

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions # see the head of this file
      resources = statement.value.resources

      # Everybody who uses the endpoint; the condition restricts that to this account.
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      dynamic "condition" {
        for_each = statement.value.by_us ? [true] : []

        content {
          test     = "StringEquals"
          variable = "aws:PrincipalAccount"
          values   = [local.account]
        }
      }
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = aws_route_table.private[*].id
  policy            = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}", Component = "network" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [var.endpoints_security_group_id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}", Component = "network" }
}
