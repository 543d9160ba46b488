# In a key's own policy the resource "*" means this key only.

data "aws_iam_policy_document" "administration" {
  #checkov:skip=CKV_AWS_109: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_111: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_356: in a key's own policy the resource * is that key alone
  # The account's root as principal leaves the decision to IAM: each administrator's own policy must permit these actions too.
  statement {
    sid       = "AdministeredByTheAccount"
    actions   = local.administration
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

data "aws_iam_policy_document" "data" {
  #checkov:skip=CKV_AWS_109: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_111: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_356: in a key's own policy the resource * is that key alone
  #checkov:skip=CKV_AWS_283: the wildcard principal is narrowed to one service-linked role of this account by condition
  source_policy_documents = [data.aws_iam_policy_document.administration.json]

  # Data is protected twice: a role needs kms:Decrypt in its own policy, and the call must come through a service that
  # stores data here. Nobody can decrypt with the key directly.
  statement {
    sid       = "UsedThroughServices"
    actions   = local.use
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in local.services : "${service}.${local.region}.${local.suffix}"]
    }
  }

  # DynamoDB reads the table, and Lambda the environment, by a grant that each creates for itself.
  statement {
    sid       = "GrantedOnlyToServices"
    actions   = ["kms:CreateGrant"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in local.granting_services : "${service}.${local.region}.${local.suffix}"]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  # Auto Scaling starts the Ollama host with an encrypted disk under its service-linked role. A condition names the role,
  # because a principal must exist, and AWS creates this role only with the account's first group.
  dynamic "statement" {
    for_each = var.encrypts_disks ? { AutoScalingUsesDisks = local.use_of_disks, AutoScalingGrantsDisks = ["kms:CreateGrant"] } : {}
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalArn"
        values   = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"]
      }
      dynamic "condition" {
        for_each = statement.key == "AutoScalingGrantsDisks" ? [true] : []
        content {
          test     = "Bool"
          variable = "kms:GrantIsForAWSResource"
          values   = ["true"]
        }
      }
    }
  }
}

data "aws_iam_policy_document" "logs" {
  #checkov:skip=CKV_AWS_109: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_111: a key's own policy, whose resource is that key alone
  #checkov:skip=CKV_AWS_356: in a key's own policy the resource * is that key alone
  source_policy_documents = [data.aws_iam_policy_document.administration.json]

  # CloudWatch Logs puts the log group into the encryption context, so it can use the key for this deployment's groups only.
  statement {
    sid       = "UsedByOurLogGroups"
    actions   = concat(local.use, ["kms:DescribeKey"])
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.${local.suffix}"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [for group in local.log_groups : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${group}"]
    }
  }

  # An alarm has no role, so CloudWatch publishes to the encrypted topic as a service. It has no condition, because AWS
  # documents none that CloudWatch sends to KMS: with one that it does not send, every alarm would be lost without a trace. The
  # topic's policy restricts which alarms may publish. The statement is in this key's policy, so that the data key serves no
  # service without a condition.
  statement {
    sid       = "AlarmsPublish"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
  }
}

locals {
  services          = concat(["dynamodb", "lambda", "s3", "secretsmanager", "sqs", "ssm"], var.encrypts_disks ? ["ec2"] : [])
  granting_services = concat(["dynamodb", "lambda"], var.encrypts_disks ? ["ec2"] : [])
  use_of_disks      = concat(local.use, ["kms:DescribeKey"])

  # The * are the functions' names, and the groups below the deployment's own prefixes.
  log_groups = ["/${var.name}/*", "/aws/lambda/${var.name}-*", "/aws/vendedlogs/${var.name}/*", "aws-waf-logs-${var.name}", "aws-waf-logs-${var.name}-sign-in"]
}
