data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key policy: the account must be able to administer its key, or the key is lost.
  #checkov:skip=CKV_AWS_111:The same; who in the account may is said by IAM.
  #checkov:skip=CKV_AWS_356:In a key policy * is this one key.
  statement {
    sid       = "AccountAdministers"
    actions   = ["kms:*"] # AWS's default: without it nobody could change the policy again
    resources = ["*"]     # in a key policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

resource "aws_kms_key" "state" {
  description             = "Terraform states of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  # Without the key no state can be read.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "state" {
  name          = "alias/${var.name}-state"
  target_key_id = aws_kms_key.state.key_id
}
