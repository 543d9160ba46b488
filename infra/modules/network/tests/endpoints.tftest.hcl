# The endpoints, and what can be reached through them.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name             = "openclaw-test"
  logs_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  endpoint_resource_arns = {
    s3              = ["arn:aws:s3:::openclaw-test-audit-111122223333/*"]
    dynamodb        = ["arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test"]
    bedrock-runtime = ["arn:aws:bedrock:eu-central-1::foundation-model/x"]
    logs            = ["arn:aws:logs:eu-central-1:111122223333:log-group:/openclaw-test/*"]
    secretsmanager  = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:openclaw-test/*"]
    ssm             = ["arn:aws:ssm:eu-central-1:111122223333:parameter/openclaw-test/*"]
  }
  log_retention_days          = 90
  cidr                        = "10.0.0.0/16"
  zone_count                  = 2
  nat_gateways                = "one_per_zone"
  endpoints_security_group_id = "sg-endpoints"
  permissions_boundary_arn    = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
  interface_endpoints         = ["bedrock", "bedrock-runtime", "logs", "secretsmanager", "ssm"]
}

run "by_default" {
  command = plan

  assert {
    condition = toset(values(aws_vpc_endpoint.gateway)[*].service_name) == toset(["com.amazonaws.eu-central-1.s3", "com.amazonaws.eu-central-1.dynamodb"]) && alltrue([
      for e in aws_vpc_endpoint.gateway : e.vpc_endpoint_type == "Gateway" && toset(e.route_table_ids) == toset(aws_route_table.private[*].id)
    ])
    error_message = "S3 and DynamoDB must have gateway endpoints, in every private route table"
  }
  assert {
    condition     = toset(keys(aws_vpc_endpoint.interface)) == var.interface_endpoints
    error_message = "exactly the given interface endpoints must exist"
  }
  assert {
    condition = alltrue([for service, e in aws_vpc_endpoint.interface :
      e.service_name == "com.amazonaws.eu-central-1.${service}" && e.vpc_endpoint_type == "Interface" && e.private_dns_enabled &&
      toset(e.subnet_ids) == toset(aws_subnet.private[*].id) && toset(e.security_group_ids) == toset(["sg-endpoints"])
    ])
    error_message = "interface endpoints must be in every private subnet, under the service's own name, in their group"
  }
  assert {
    condition     = alltrue([for service, arns in var.endpoint_resource_arns : toset(data.aws_iam_policy_document.endpoint[service].statement[0].resources) == toset(arns)])
    error_message = "each policy must name exactly the given ARNs"
  }
  assert {
    condition = alltrue(flatten([for d in data.aws_iam_policy_document.endpoint : [for s in d.statement :
      [for c in s.condition : "${c.test} ${c.variable} ${one(c.values)}"] == ["StringEquals aws:PrincipalAccount 111122223333"]
    ]]))
    error_message = "each policy must admit exactly our principals"
  }
  assert {
    condition = alltrue([for service in keys(var.endpoint_resource_arns) :
      one(data.aws_iam_policy_document.endpoint[service].statement[0].actions) == "${service == "bedrock-runtime" ? "bedrock" : service}:*"
    ])
    error_message = "each policy must permit the service's own actions"
  }
  assert {
    condition     = alltrue([for service, e in merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface) : e.policy == data.aws_iam_policy_document.endpoint[service].json])
    error_message = "every endpoint must have its policy"
  }
}

run "ollama_adds_packages_heartbeat_and_the_list_of_log_groups" {
  command = plan
  variables { ollama_host = true }

  assert {
    condition     = one(data.aws_iam_policy_document.endpoint["s3"].statement[1].resources) == "arn:aws:s3:::al2023-repos-eu-central-1-de612dc2/*" && one(data.aws_iam_policy_document.endpoint["s3"].statement[1].actions) == "s3:GetObject"
    error_message = "the host may only read, and only from the region's package repository"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.endpoint["ssm"].statement[1].actions) == "ssm:UpdateInstanceInformation" && length(data.aws_iam_policy_document.endpoint["ssm"].statement[1].condition) == 1
    error_message = "the host may only send its heartbeat, and only as one of our principals"
  }
  assert {
    condition = (
      one(data.aws_iam_policy_document.endpoint["logs"].statement[1].actions) == "logs:DescribeLogGroups" && length(data.aws_iam_policy_document.endpoint["logs"].statement[1].condition) == 1 &&
      one(data.aws_iam_policy_document.endpoint["logs"].statement[1].resources) == "arn:aws:logs:eu-central-1:111122223333:log-group:*"
    )
    error_message = "the host may only list the names of other log groups"
  }
  assert {
    condition     = alltrue([for service, d in data.aws_iam_policy_document.endpoint : length(d.statement) == (contains(["s3", "ssm", "logs", "bedrock", "bedrock-runtime"], service) ? 2 : 1)])
    error_message = "no other endpoint may change"
  }
}

run "sessions_metrics_and_functions" {
  command = plan
  variables {
    ollama_host            = true
    interface_endpoints    = ["lambda", "monitoring", "ssm", "ssmmessages"]
    endpoint_resource_arns = { s3 = ["arn:aws:s3:::b/*"], dynamodb = ["arn:aws:dynamodb:::t"], ssm = ["arn:aws:ssm:::p"], lambda = ["arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-stream:live"] }
  }

  assert {
    condition     = toset(one(data.aws_iam_policy_document.endpoint["ssmmessages"].statement).actions) == toset(["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"])
    error_message = "the host must open the channels of sessions, and nothing else"
  }
  assert {
    condition     = one(one(data.aws_iam_policy_document.endpoint["monitoring"].statement).actions) == "cloudwatch:PutMetricData"
    error_message = "the host must send metrics, and nothing else"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.endpoint["lambda"].statement).resources == toset(var.endpoint_resource_arns.lambda)
    error_message = "only the given function may be invoked"
  }
  assert {
    condition     = alltrue([for service in ["lambda", "monitoring", "ssmmessages"] : one(one(data.aws_iam_policy_document.endpoint[service].statement).condition).variable == "aws:PrincipalAccount"])
    error_message = "each must admit only our principals"
  }
}

run "endpoints_can_be_fewer" {
  command = plan
  variables {
    interface_endpoints    = ["ssm"]
    endpoint_resource_arns = { s3 = ["arn:aws:s3:::b/*"], dynamodb = ["arn:aws:dynamodb:::t"], ssm = ["arn:aws:ssm:::p"] }
  }

  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ssm"]
    error_message = "only the given endpoints may exist"
  }
}

run "wrong_arns" {
  command = plan
  variables {
    interface_endpoints    = []
    endpoint_resource_arns = { s3 = [], dynamodb = ["arn:aws:dynamodb:::t"] }
  }
  expect_failures = [var.endpoint_resource_arns]
}

run "everything_is_not_an_arn" {
  command = plan
  variables {
    interface_endpoints    = []
    endpoint_resource_arns = { s3 = ["*"], dynamodb = ["arn:aws:dynamodb:::t"] }
  }
  expect_failures = [var.endpoint_resource_arns]
}

run "an_unknown_endpoint" {
  command = plan
  variables { interface_endpoints = ["sns"] }
  expect_failures = [var.interface_endpoints]
}
