# Functions that reach only AWS, and what hosts and functions wait for.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                = "openclaw-test"
  logs_kms_key_arn    = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  interface_endpoints = ["bedrock", "bedrock-runtime", "cognito-idp"]
  endpoint_resource_arns = {
    s3              = ["arn:aws:s3:::openclaw-test-audit-111122223333/*"]
    dynamodb        = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
    bedrock-runtime = ["arn:aws:bedrock:eu-central-1::foundation-model/x"]
    cognito-idp     = ["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_TEST"]
  }
  log_retention_days          = 90
  cidr                        = "10.0.0.0/16"
  zone_count                  = 2
  nat_gateways                = "one_per_zone"
  endpoints_security_group_id = "sg-endpoints"
  permissions_boundary_arn    = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
}

run "bedrock_and_the_user_pool_have_endpoints" {
  command = plan
  variables { nat_gateways = "none" }

  assert {
    condition = jsonencode([for s in data.aws_iam_policy_document.endpoint["bedrock"].statement : [sort(s.actions), sort(s.resources), [for c in s.condition : c.variable]]]) == jsonencode([
      [["bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles"], ["*"], ["aws:PrincipalAccount"]],
      [["bedrock:CallWithBearerToken"], ["*"], ["aws:PrincipalAccount"]],
    ])
    error_message = "we may list models, with a role or with a key of Bedrock's own"
  }
  assert {
    condition = jsonencode([for s in data.aws_iam_policy_document.endpoint["bedrock-runtime"].statement : [sort(s.actions), sort(s.resources), [for c in s.condition : c.variable]]]) == jsonencode([
      [["bedrock:*"], ["arn:aws:bedrock:eu-central-1::foundation-model/x"], ["aws:PrincipalAccount"]],
      [["bedrock:CallWithBearerToken"], ["*"], ["aws:PrincipalAccount"]],
    ])
    error_message = "we may invoke our models, with a role or with a key of Bedrock's own"
  }
  assert {
    condition = jsonencode([for s in data.aws_iam_policy_document.endpoint["cognito-idp"].statement : [sort(s.actions), sort(s.resources), length(s.condition)]]) == jsonencode([
      [["cognito-idp:*"], ["arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_TEST"], 0],
    ])
    error_message = "our user pool must be admitted only, and without credentials, because reading a key set needs none"
  }
  assert {
    condition     = alltrue([for e in concat(values(aws_vpc_endpoint.gateway), values(aws_vpc_endpoint.interface)) : e.tags["Component"] == "network"])
    error_message = "what costs by the hour must carry the tag Component"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0
    error_message = "such functions must need no NAT gateway"
  }
}

run "hosts_start_when_the_network_is_complete" {
  command = plan

  assert {
    condition = output.private_subnet_ids == aws_subnet.private[*].id && alltrue([
      for needed in [
        "aws_network_acl_rule.egress", "aws_network_acl_rule.ipv4", "aws_network_acl_rule.ipv6", "aws_route.private_ipv4", "aws_route.private_ipv6", "aws_route.public_ipv4",
        "aws_route_table_association.private", "aws_route_table_association.public", "aws_vpc_endpoint.gateway", "aws_vpc_endpoint.interface",
      ] : strcontains(regex("(?s)output \"private_subnet_ids\" [{].*?\n[}]\n", file("outputs.tf")), "    ${needed},\n")
    ])
    error_message = "the private subnets must be known only when their routes, rules and endpoints exist"
  }
}
