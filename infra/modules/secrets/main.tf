# The providers' keys, and the key of the digests in the log. Secrets are created empty and filled by hand, so that no value is in the code, a plan or the state:
# aws secretsmanager put-secret-value --secret-id <name>/<secret> --secret-string file://…
locals {
  name_prefix = "${var.name}/"

  readers = {
    for secret in var.secrets : secret => flatten([
      for arn in lookup(var.reader_role_arns, secret, []) : var.local ? [arn, local.sessions[arn]] : [arn]
    ])
  }
  sessions = { for arn in distinct(flatten(values(var.reader_role_arns))) : arn => "${replace(replace(arn, ":iam:", ":sts:"), ":role/", ":assumed-role/")}/*" }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: providers issue these keys by hand and offer no API to rotate them
  for_each = var.secrets

  name                    = "${local.name_prefix}${each.value}"
  description             = "OpenClaw gateway: ${each.value}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days

  tags = { Environment = var.environment, Component = "secrets" }
}

# Refusals only: they apply even to a role whose own policy allows everything. A role that may change this
# policy (secretsmanager:PutResourcePolicy, which no role of the gateway has) can still regain access, and CloudTrail records it.
resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.value].arn
  policy              = data.aws_iam_policy_document.this[each.value].json
  block_public_policy = true
}

# In a secret's own policy the resource "*" means this secret only. The principal "*" is everybody, because a refusal is
# meant for all.
data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_283: the statements only deny
  for_each = var.secrets

  statement {
    sid       = "ReadByItsReadersOnly"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    # Without readers there is no condition, so nobody can read.
    dynamic "condition" {
      for_each = length(local.readers[each.value]) > 0 ? [local.readers[each.value]] : []
      content {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = condition.value
      }
    }
  }

  statement {
    sid       = "ReadByItsEnvironmentOnly"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalTag/Environment"
      values   = [var.environment]
    }
  }

  # UpdateSecret can set the value too, so only a writer can change the description or the key. A rotation sets the value
  # through a function of its own.
  statement {
    sid       = "WrittenByItsWritersOnly"
    effect    = "Deny"
    resources = ["*"]
    actions = [
      "secretsmanager:PutSecretValue",
      "secretsmanager:RotateSecret",
      "secretsmanager:UpdateSecret",
      "secretsmanager:UpdateSecretVersionStage",
    ]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = var.writer_role_arns
    }
  }

  # Nobody at all, because a replica would be in another region.
  statement {
    sid       = "StaysInItsRegion"
    effect    = "Deny"
    actions   = ["secretsmanager:ReplicateSecretToRegions"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }

  # Every action, so that none is left out.
  dynamic "statement" {
    for_each = var.local ? [] : [true]
    content {
      sid       = "EncryptedOnTheWire"
      effect    = "Deny"
      actions   = ["secretsmanager:*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }
}
