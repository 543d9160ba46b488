# Two roles for a pipeline that signs in with OpenID Connect, so that no access key exists: one that plans and reads, and one that
# applies. Which jobs of the pipeline may assume which is written in the token's subject.

locals {
  deployers = var.deployers == null ? {} : { plan = var.deployers.plan_subjects, apply = var.deployers.apply_subjects }

  issuer_host       = try(trimprefix(var.deployers.issuer, "https://"), "")
  oidc_provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer_host}"

  boundary_arns = [aws_iam_policy.function_boundary.arn, aws_iam_policy.host_boundary.arn, aws_iam_policy.service_boundary.arn]
}

# An account has one for each issuer.
resource "aws_iam_openid_connect_provider" "deployers" {
  count = var.deployers == null ? 0 : var.deployers.create_provider ? 1 : 0

  url            = var.deployers.issuer
  client_id_list = [var.deployers.audience]
}

data "aws_iam_policy_document" "deployer_trust" {
  for_each = local.deployers

  statement {
    sid     = "AssumedByThePipeline"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer_host}:aud"
      values   = [var.deployers.audience]
    }
    # Exactly, because a wildcard in a subject is how roles are taken over.
    condition {
      test     = "StringEquals"
      variable = "${local.issuer_host}:sub"
      values   = each.value
    }
  }
}

# Without a boundary: a role that creates everything else would need one as wide as its policies. It can change neither itself nor
# the boundaries (deployers_iam.tf).
resource "aws_iam_role" "deployer" {
  for_each = local.deployers

  name               = "${var.name}-${var.region}-deploy-${each.key}"
  description        = "Terraform of ${var.name} in a pipeline: ${each.key}"
  assume_role_policy = data.aws_iam_policy_document.deployer_trust[each.key].json

  depends_on = [aws_iam_openid_connect_provider.deployers]
}

# ---- What both may do: read settings, and their states

resource "aws_iam_role_policy_attachment" "deployer_reads" {
  for_each = local.deployers

  role       = aws_iam_role.deployer[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy_document" "deployer" {
  # A plan takes the lock as well, which is a file beside the state. Only an apply writes the state itself.
  dynamic "statement" {
    for_each = { States = ["s3:GetObject"], Locks = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"] }

    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["${local.state_arn}/${statement.key == "Locks" ? "*.tflock" : "*"}"] # any environment
    }
  }

  statement {
    sid       = "StatesKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.state.arn]
  }

  # The stored configuration is compared with the new one.
  statement {
    sid       = "ConfigurationKey"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.here}:key/*"] # a key's id is not known before it exists

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ssm.${var.region}.${data.aws_partition.current.dns_suffix}"]
    }
  }

  # ReadOnlyAccess would permit it.
  statement {
    sid    = "NoContents"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:ExportTableToPointInTime",
      "dynamodb:GetItem",
      "dynamodb:PartiQLSelect",
      "dynamodb:Query",
      "dynamodb:Scan",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:GetLogRecord",
      "logs:GetQueryResults",
      "logs:StartLiveTail",
      "logs:StartQuery",
      "secretsmanager:GetSecretValue",
    ]
    resources = ["*"] # a refusal, of all contents
  }

  statement {
    sid           = "NoObjectsButStates"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = ["${local.state_arn}/*"]
  }
}

resource "aws_iam_role_policy" "deployer" {
  for_each = local.deployers

  name   = "states"
  role   = aws_iam_role.deployer[each.key].id
  policy = data.aws_iam_policy_document.deployer.json
}
