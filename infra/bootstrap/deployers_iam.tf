# What the role that applies may do with roles: create those of the deployments, each under one of the boundaries, and pass each to
# its service. Without this limit it could create a role that may do anything, and so do anything itself.

data "aws_iam_policy_document" "deployer_iam" {
  # Roles of the deployments begin with its name, as do the roles that deploy; a refusal below protects those.
  statement {
    sid = "RolesUnderABoundary"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-*"] # all environments

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = local.boundary_arns
    }
  }

  # IAM sends no boundary with these, and none of them gives a permission.
  statement {
    sid = "RolesThemselves"
    actions = [
      "iam:DeleteRole",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-*"] # all environments
  }

  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/${var.name}-*"] # all environments

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values = [
        "dlm.amazonaws.com",
        "ec2.amazonaws.com",
        "events.amazonaws.com",
        "lambda.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
      ]
    }
  }

  # The Ollama host's profile, and the policy of its sessions.
  statement {
    sid = "ProfilesAndSessions"
    actions = [
      "iam:AddRoleToInstanceProfile",
      "iam:CreateInstanceProfile",
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeleteInstanceProfile",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile",
      "iam:TagPolicy",
      "iam:UntagInstanceProfile",
      "iam:UntagPolicy",
    ]
    resources = [for kind in ["instance-profile", "policy"] : "arn:${local.partition}:iam::${local.account}:${kind}/${var.name}-*"] # all environments
  }

  statement {
    sid       = "ServiceLinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"] # AWS names them

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values = [
        "autoscaling.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "email.cognito-idp.amazonaws.com",
        "lambda.application-autoscaling.amazonaws.com",
        "ops.apigateway.amazonaws.com",
        "wafv2.amazonaws.com",
      ]
    }
  }

  # What would undo all of the above.
  statement {
    sid    = "NeitherItselfNorTheBoundaries"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:DeleteRolePermissionsBoundary",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PassRole",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:SetDefaultPolicyVersion",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    # The bootstrap's own: its roles, the boundaries, and the policies of this role.
    resources = [for kind in ["policy", "role"] : "arn:${local.partition}:iam::${local.account}:${kind}/${var.name}-${var.region}-*"]
  }

  statement {
    sid       = "BoundariesStay"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary"]
    resources = ["*"] # a refusal, for every role
  }
}

resource "aws_iam_policy" "deployer_iam" {
  count = var.deployers == null ? 0 : 1

  name        = "${var.name}-${var.region}-deploy-roles"
  description = "Creates roles of ${var.name} under its boundaries"
  policy      = data.aws_iam_policy_document.deployer_iam.json
}

resource "aws_iam_role_policy_attachment" "deployer_iam" {
  count = var.deployers == null ? 0 : 1

  role       = aws_iam_role.deployer["apply"].name
  policy_arn = aws_iam_policy.deployer_iam[0].arn
}
