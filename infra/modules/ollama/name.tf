# A name that outlives the host: each host writes its own address to it when it starts, and may write nothing else.
resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38: DNSSEC is for public zones
  #checkov:skip=CKV2_AWS_39: query logs are for public zones; this one resolves in our VPC only
  name          = local.zone_name
  comment       = "Names of ${var.name} inside its VPC"
  force_destroy = true # the host creates the record, which is deleted with the zone

  vpc {
    vpc_id = var.vpc_id
  }
}

# Key and certificate of the certificate authority. The first host creates them and later hosts use them, so that the functions
# need not trust a new authority when a host is replaced. The authority is constrained to one name.
resource "aws_secretsmanager_secret" "authority" {
  #checkov:skip=CKV2_AWS_57: everybody who trusts an authority must receive a new one: empty the secret, replace the host, apply again
  name                    = "${var.name}/ollama/authority"
  description             = "Key and certificate of the authority for ${local.host_name}; created by the host"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_days
}

data "aws_iam_policy_document" "authority" {
  statement {
    sid       = "OnlyTheHost"
    effect    = "Deny"
    resources = ["*"] # in a secret's policy: this secret
    actions = [
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:RotateSecret",
      "secretsmanager:UpdateSecret",
      "secretsmanager:UpdateSecretVersionStage",
    ]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = [local.role_arn]
    }
  }

  # Nobody at all, because a replica would be in another region.
  statement {
    sid       = "StaysInItsRegion"
    effect    = "Deny"
    actions   = ["secretsmanager:ReplicateSecretToRegions"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "authority" {
  secret_arn          = aws_secretsmanager_secret.authority.arn
  policy              = data.aws_iam_policy_document.authority.json
  block_public_policy = true
}

# The authority's certificate, for the functions' configuration.
resource "aws_ssm_parameter" "authority" {
  #checkov:skip=CKV2_AWS_34: a certificate is public
  #checkov:skip=CKV_AWS_337: a certificate is public
  name           = local.parameter_name
  description    = "Certificate of the authority for ${local.host_name}; written by the host"
  type           = "String"
  insecure_value = "not written yet"

  lifecycle {
    ignore_changes = [insecure_value]
  }
}
