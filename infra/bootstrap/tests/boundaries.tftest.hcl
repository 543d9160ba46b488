# What holds for the boundaries: their length, and whose they are.

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
  mock_resource "aws_iam_policy" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:policy/made" }
  }
}

variables {
  region           = "ap-southeast-2"
  name             = "a-name-of-thirty-two-characters-"
  api_gateway_logs = true
}

run "with_eight_regions" {
  command = plan
  variables {
    bedrock_regions = ["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-4"]
    bedrock_global  = true
  }

  # As the provider writes it, without white space, which IAM does not count.
  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.function_boundary, data.aws_iam_policy_document.host_boundary, data.aws_iam_policy_document.service_boundary] :
      length(jsonencode({ Version = "2012-10-17", Statement = [for s in document.statement : {
        Sid       = s.sid, Effect = "Allow", Action = tolist(s.actions), Resource = tolist(s.resources)
        Condition = { for condition in s.condition : "${condition.test} ${condition.variable}" => { (condition.variable) = condition.values } }
      }] })) <= 6144
    ])
    error_message = "IAM stores at most 6144 characters"
  }
  assert {
    condition     = length(local.model_regions) == 9
    error_message = "the test must cover eight regions and global profiles; got ${jsonencode(local.model_regions)}"
  }
}

run "the_role_of_api_gateway" {
  command = plan

  assert {
    condition     = aws_iam_role.api_gateway[0].permissions_boundary == aws_iam_policy.service_boundary.arn
    error_message = "every role must have a boundary"
  }
  assert {
    condition     = length(setsubtract(flatten([for s in data.aws_iam_policy_document.api_gateway_logs.statement : tolist(s.actions)]), flatten([for s in data.aws_iam_policy_document.service_boundary.statement : tolist(s.actions)]))) == 0
    error_message = "the boundary must permit what API Gateway requires"
  }
  assert {
    condition = alltrue([
      for s in data.aws_iam_policy_document.service_boundary.statement :
      alltrue([for arn in s.resources : can(regex("^arn:aws:[a-z0-9-]+:ap-southeast-2:(123456789012)?:", arn))]) || anytrue([for condition in s.condition : condition.variable == "aws:RequestedRegion"])
    ])
    error_message = "it must permit nothing outside the region"
  }
  assert {
    condition     = [for s in data.aws_iam_policy_document.service_boundary.statement : [for condition in s.condition : [condition.variable, join(" ", condition.values)]] if strcontains(jsonencode(tolist(s.actions)), "kms:")] == [[["kms:ViaService", "ec2.ap-southeast-2.amazonaws.com"]]]
    error_message = "it must permit the use of a key through EC2 only"
  }
  assert {
    condition     = alltrue([for action in flatten([for s in data.aws_iam_policy_document.service_boundary.statement : tolist(s.actions)]) : !can(regex("^(iam|sts|organizations|account):|[*]", action))])
    error_message = "it must permit neither iam nor sts, and no wildcard"
  }
}
