data "aws_iam_policy_document" "key_administration" {
  #checkov:skip=CKV_AWS_109: a key policy, because the account must be able to administer its key
  #checkov:skip=CKV_AWS_111: the same; IAM decides who in the account may
  #checkov:skip=CKV_AWS_356: in a key policy * means this key
  # Without it nobody could change the policy again. It does not permit encrypting or decrypting.
  statement {
    sid       = "AccountAdministers"
    resources = ["*"] # in a key policy this means the key itself
    actions = [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:DeleteAlias",
      "kms:DescribeKey",
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109: a key policy, because the account must be able to administer its key
  #checkov:skip=CKV_AWS_111: the same; IAM decides who in the account may
  #checkov:skip=CKV_AWS_356: in a key policy * means this key
  source_policy_documents = [data.aws_iam_policy_document.key_administration.json]

  # IAM decides who in the account may read or write a state; the key serves the bucket only.
  statement {
    sid       = "UsedByTheBucket"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.${data.aws_partition.current.dns_suffix}"]
    }
  }
}

resource "aws_kms_key" "state" {
  description             = "Terraform states of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  # Without the key the states cannot be read.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "state" {
  name          = "alias/${var.name}-state"
  target_key_id = aws_kms_key.state.key_id
}
