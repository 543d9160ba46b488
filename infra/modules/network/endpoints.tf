# An endpoint's policy says whose resources may be reached through it and by whom. It does not repeat which actions a
# role may use: its own policy does.

locals {
  services = setunion(["s3", "dynamodb"], var.interface_endpoints)

  # Action prefixes where they differ from the endpoint's name.
  action_prefixes = merge({ for service in local.services : service => service }, { "bedrock-runtime" = "bedrock" })

  # What the Ollama host does beyond the listed ARNs, because these actions know no resource of ours.
  ollama_statements = var.create_ollama_group ? {
    # Packages are fetched without credentials from the region's bucket of Amazon Linux 2023.
    s3 = {
      actions   = ["s3:GetObject"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::al2023-repos-${data.aws_region.current.region}-de612dc2/*"]
      ours      = false
    }
    # The SSM agent's heartbeat, without which there is no Session Manager.
    ssm = {
      actions   = ["ssm:UpdateInstanceInformation"]
      resources = ["*"]
      ours      = true
    }
  } : {}
}

data "aws_iam_policy_document" "endpoint" {
  for_each = local.services

  statement {
    sid       = "OurResourcesByOurPrincipals"
    actions   = ["${local.action_prefixes[each.key]}:*"] # see the head of this file
    resources = var.endpoint_resource_arns[each.key]

    # Anyone who comes through the endpoint, narrowed to this account by the condition.
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  dynamic "statement" {
    for_each = { for service, s in local.ollama_statements : service => s if service == each.key }

    content {
      sid       = "OllamaHost"
      actions   = statement.value.actions
      resources = statement.value.resources

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      dynamic "condition" {
        for_each = statement.value.ours ? [1] : []

        content {
          test     = "StringEquals"
          variable = "aws:PrincipalAccount"
          values   = [data.aws_caller_identity.current.account_id]
        }
      }
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = aws_route_table.private[*].id
  policy            = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}
