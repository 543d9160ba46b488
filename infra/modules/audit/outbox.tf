# Where functions leave entries of the audit trail. Its stream leads to the function `archive`, which also keeps the ends of its chains
# here, under other keys.
resource "aws_dynamodb_table" "outbox" {
  name                        = "${var.name}-audit"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "PK"
  range_key                   = "SK"
  deletion_protection_enabled = var.deletion_protection

  stream_enabled   = true
  stream_view_type = "NEW_IMAGE" # an entry is written once, so there is no old one

  dynamic "attribute" {
    for_each = toset(["PK", "SK"])
    content {
      name = attribute.value
      type = "S"
    }
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 35 # the longest that DynamoDB offers
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  tags = { Component = "audit" }
}

# Functions add entries, and only `archive` sees or changes them. It only denies, as the policy of the conversations' table does, and
# so holds against roles whose own policy allows everything.
data "aws_iam_policy_document" "outbox" {
  #checkov:skip=CKV_AWS_283: the statements only deny
  statement {
    sid       = "WrittenByTheGatewayOnly"
    effect    = "Deny"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.outbox.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = concat(var.writer_role_arns, [var.archive_role_arn])
    }
  }

  statement {
    sid    = "ReadAndChangedByArchiveOnly"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:DeleteItem",
      "dynamodb:ExportTableToPointInTime",
      "dynamodb:GetItem",
      "dynamodb:PartiQLDelete",
      "dynamodb:PartiQLInsert",
      "dynamodb:PartiQLSelect",
      "dynamodb:PartiQLUpdate",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.outbox.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = [var.archive_role_arn]
    }
  }
}

resource "aws_dynamodb_resource_policy" "outbox" {
  resource_arn = aws_dynamodb_table.outbox.arn
  policy       = data.aws_iam_policy_document.outbox.json
}
