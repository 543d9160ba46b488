# Who may read and write the items: the gateway's own roles, and roles for emergencies. It only denies, and so holds against roles
# whose own policy allows everything, such as an administrator's, who would otherwise read conversations by accident. An
# administrator may change this policy (dynamodb:PutResourcePolicy) on purpose, and CloudTrail shows it.
data "aws_iam_policy_document" "table" {
  #checkov:skip=CKV_AWS_283: the statement only denies
  statement {
    sid    = "ItemsForTheGatewayOnly"
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
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.this.arn, "${aws_dynamodb_table.this.arn}/index/*"] # every index

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = var.user_role_arns
    }
  }
}

resource "aws_dynamodb_resource_policy" "table" {
  resource_arn = aws_dynamodb_table.this.arn
  policy       = data.aws_iam_policy_document.table.json
}
