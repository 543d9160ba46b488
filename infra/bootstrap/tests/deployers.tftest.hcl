# The roles of a pipeline: who may assume them, and that neither can exceed the boundaries.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_kms_key" {
    override_during = plan
    defaults        = { arn = "arn:aws:kms:eu-central-1:123456789012:key/state", key_id = "state" }
  }
}

override_resource {
  target          = aws_iam_policy.function_boundary
  override_during = plan
  values          = { arn = "arn:aws:iam::123456789012:policy/openclaw-eu-central-1-boundary" }
}

override_resource {
  target          = aws_iam_policy.host_boundary
  override_during = plan
  values          = { arn = "arn:aws:iam::123456789012:policy/openclaw-eu-central-1-host-boundary" }
}

override_resource {
  target          = aws_iam_policy.service_boundary
  override_during = plan
  values          = { arn = "arn:aws:iam::123456789012:policy/openclaw-eu-central-1-service-boundary" }
}

variables {
  region = "eu-central-1"
  deployers = {
    issuer         = "https://token.actions.githubusercontent.com"
    plan_subjects  = ["repo:example/openclaw:pull_request"]
    apply_subjects = ["repo:example/openclaw:environment:prod"]
  }
}

run "who_may_assume_them" {
  command = plan

  assert {
    condition     = { for kind, role in aws_iam_role.deployer : kind => role.name } == { plan = "openclaw-eu-central-1-deploy-plan", apply = "openclaw-eu-central-1-deploy-apply" }
    error_message = "there must be a role that plans and one that applies"
  }
  assert {
    condition = alltrue([for kind, subject in { plan = "repo:example/openclaw:pull_request", apply = "repo:example/openclaw:environment:prod" } :
      toset([for c in one(data.aws_iam_policy_document.deployer_trust[kind].statement).condition : "${c.test} ${c.variable} ${one(c.values)}"]) == toset([
        "StringEquals token.actions.githubusercontent.com:aud sts.amazonaws.com",
        "StringEquals token.actions.githubusercontent.com:sub ${subject}",
      ]) && one(one(data.aws_iam_policy_document.deployer_trust[kind].statement).principals).identifiers == toset(["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"])
    ])
    error_message = "only jobs with exactly this subject may assume a role"
  }
  assert {
    condition     = aws_iam_openid_connect_provider.deployers[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.deployers[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "the account must know the issuer"
  }
}

run "roles_only_under_a_boundary" {
  command = plan

  assert {
    condition = alltrue([
      for s in data.aws_iam_policy_document.deployer_iam.statement :
      [for c in s.condition : "${c.test} ${c.variable} ${join(" ", c.values)}"] == ["StringEquals iam:PermissionsBoundary ${join(" ", local.boundary_arns)}"]
      if s.effect != "Deny" && length(setintersection(s.actions, ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DetachRolePolicy", "iam:DeleteRolePolicy"])) > 0
    ])
    error_message = "whatever gives a role a permission must require a boundary"
  }
  assert {
    condition = alltrue([
      for action in flatten([for s in concat(data.aws_iam_policy_document.deployer_iam.statement, data.aws_iam_policy_document.deployer_services.statement, data.aws_iam_policy_document.deployer.statement) : tolist(s.actions) if s.effect != "Deny"]) :
      !can(regex("^iam:([*]|.*(User|Group|AccessKey|LoginProfile|OpenIDConnect|SAML|DeleteRolePermissionsBoundary))|^(sts|organizations|account|[*])", action))
    ])
    error_message = "no user, group, key or identity provider may be created, and no other role assumed"
  }
  assert {
    condition = alltrue([for action in ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole"] : anytrue([
      for s in data.aws_iam_policy_document.deployer_iam.statement : contains(s.actions, action) && s.effect == "Deny" && s.resources == toset(["arn:aws:iam::123456789012:policy/openclaw-eu-central-1-*", "arn:aws:iam::123456789012:role/openclaw-eu-central-1-*"])
    ])])
    error_message = "neither the boundaries nor the bootstrap's own roles and policies may be changed"
  }
  assert {
    condition     = alltrue([for name in concat(values(aws_iam_role.deployer)[*].name, [aws_iam_policy.deployer_iam[0].name, aws_iam_policy.deployer_services[0].name, aws_iam_policy.function_boundary.name, aws_iam_policy.service_boundary.name]) : startswith(name, "openclaw-eu-central-1-")])
    error_message = "what may not be changed must have the names that are refused"
  }
  assert {
    condition     = anytrue([for s in data.aws_iam_policy_document.deployer_iam.statement : s.effect == "Deny" && contains(s.actions, "iam:DeleteRolePermissionsBoundary") && contains(s.resources, "*")])
    error_message = "no role may lose its boundary"
  }
  assert {
    condition     = one([for s in data.aws_iam_policy_document.deployer_iam.statement : one(s.condition).variable if contains(s.actions, "iam:PassRole") && s.effect != "Deny"]) == "iam:PassedToService"
    error_message = "a role may be passed to its service only"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.deployer_iam[0].role == "openclaw-eu-central-1-deploy-apply" && aws_iam_role_policy_attachment.deployer_services[0].role == "openclaw-eu-central-1-deploy-apply"
    error_message = "only the role that applies may change anything"
  }
}

run "nobody_reads_contents" {
  command = plan

  assert {
    condition = alltrue([for action in ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:GetLogEvents", "logs:StartQuery", "secretsmanager:GetSecretValue"] : anytrue([
      for s in data.aws_iam_policy_document.deployer.statement : s.effect == "Deny" && contains(s.actions, action) && s.resources == toset(["*"])
    ])])
    error_message = "conversations, logs and secrets must be refused to both"
  }
  assert {
    condition = alltrue([
      for s in data.aws_iam_policy_document.deployer_services.statement : anytrue([for c in s.condition : c.variable == "aws:RequestedRegion" && c.values == tolist(["eu-central-1"])])
      if s.effect != "Deny" && contains(s.resources, "*")
    ])
    error_message = "what has no name must be restricted to the region"
  }
  assert {
    condition = alltrue([for arn in ["arn:aws:s3:::openclaw-state-123456789012-eu-central-1", "arn:aws:kms:eu-central-1:123456789012:key/state"] : anytrue([
      for s in data.aws_iam_policy_document.deployer_services.statement : s.effect == "Deny" && contains(s.resources, arn)
    ])])
    error_message = "the states' bucket and key must stay"
  }
  assert {
    condition = alltrue([for document in [data.aws_iam_policy_document.deployer_iam, data.aws_iam_policy_document.deployer_services] :
      length(jsonencode({ Version = "2012-10-17", Statement = [for s in document.statement : {
        Sid       = s.sid, Effect = "Allow", Action = tolist(s.actions), NotAction = tolist(coalesce(s.not_actions, [])), Resource = tolist(s.resources)
        Condition = { for condition in s.condition : "${condition.test} ${condition.variable}" => { (condition.variable) = condition.values } }
      }] })) <= 6144
    ])
    error_message = "IAM stores at most 6144 characters"
  }
}

run "none_unless_asked" {
  command = plan
  variables { deployers = null }

  assert {
    condition     = length(aws_iam_role.deployer) == 0 && length(aws_iam_policy.deployer_iam) == 0 && length(aws_iam_openid_connect_provider.deployers) == 0
    error_message = "there must be no role that nobody needs"
  }
}

run "an_issuer_that_the_account_knows" {
  command = plan
  variables { deployers = { issuer = "https://gitlab.example.org", audience = "aws", plan_subjects = ["a"], apply_subjects = ["b"], create_provider = false } }

  assert {
    condition     = length(aws_iam_openid_connect_provider.deployers) == 0 && length(aws_iam_role.deployer) == 2
    error_message = "a second provider of one issuer would be refused"
  }
}

run "wildcards" {
  command = plan
  variables { deployers = { issuer = "https://token.actions.githubusercontent.com", plan_subjects = ["repo:example/*"], apply_subjects = ["b"] } }
  expect_failures = [var.deployers]
}

run "an_issuer_without_tls" {
  command = plan
  variables { deployers = { issuer = "http://token.example.org", plan_subjects = ["a"], apply_subjects = ["b"] } }
  expect_failures = [var.deployers]
}
