# A name that survives the host: each host writes its own address into it at its start, and may write nothing else.
resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38:DNSSEC is for public zones.
  #checkov:skip=CKV2_AWS_39:Query logs are for public zones; this one is known in our VPC only.
  name          = local.zone_name
  comment       = "Names of ${var.name} inside its VPC"
  force_destroy = true # the record is the host's, and goes with the zone

  vpc {
    vpc_id = var.vpc_id
  }
}

# The authority's key and certificate. The first host makes them; later hosts take them over, so that the functions need
# not learn of a new authority when a host is replaced. It is constrained to the one name.
resource "aws_secretsmanager_secret" "authority" {
  #checkov:skip=CKV2_AWS_57:Rotating an authority means telling everyone who trusts it: empty the secret, replace the host, apply again.
  name                    = "${var.name}/ollama/authority"
  description             = "Key and certificate of the authority for ${local.host_name}; made by the host"
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

  # Nobody at all: a replica would stand in another region.
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
  #checkov:skip=CKV2_AWS_34:A certificate is public.
  #checkov:skip=CKV_AWS_337:A certificate is public.
  name           = local.parameter_name
  description    = "Certificate of the authority for ${local.host_name}; written by the host"
  type           = "String"
  insecure_value = "not written yet"

  lifecycle {
    ignore_changes = [insecure_value]
  }
}
