# A VPC that exists already.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  front_door      = "alb"
  certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/given"
  existing_vpc    = { id = "vpc-0a1b", private_subnet_ids = ["subnet-0c", "subnet-0d"], public_subnet_ids = ["subnet-0e", "subnet-0f"] }
}

run "only_security_groups_are_made" {
  command = plan
  variables { functions_in_vpc = true }

  assert {
    condition     = length(module.network) == 0 && length(module.access) == 1 && length(output.nat_public_ips) == 0 && length(output.zones) == 0
    error_message = "no VPC of ours may exist"
  }
  assert {
    condition     = local.vpc_id == "vpc-0a1b" && jsonencode(local.private_subnet_ids) == jsonencode(["subnet-0c", "subnet-0d"]) && jsonencode(local.public_subnet_ids) == jsonencode(["subnet-0e", "subnet-0f"]) && data.aws_vpc.existing[0].id == "vpc-0a1b"
    error_message = "everything must be in the given subnets"
  }
  assert {
    condition     = alltrue([for function in local.functions : function.in_vpc]) && module.access[0].functions_security_group_id == "sg-1" && module.access[0].endpoints_security_group_id == null
    error_message = "functions must have a security group there"
  }
}

run "an_internal_load_balancer_needs_no_public_subnet" {
  command = plan
  variables {
    existing_vpc = { id = "vpc-0a1b", private_subnet_ids = ["subnet-0c", "subnet-0d"] }
    internal     = true
    streams      = false
    websocket    = false
  }

  assert {
    condition     = length(module.edge) == 1 && length(module.network) == 0
    error_message = "the load balancer must be in the private subnets"
  }
}

run "nothing_that_needs_it" {
  command = plan
  variables {
    front_door      = "apigateway"
    certificate_arn = null
  }

  assert {
    condition     = length(data.aws_vpc.existing) == 0 && length(module.access) == 0
    error_message = "nothing may be made in a VPC that is not used"
  }
}

run "wrong_ids" {
  command = plan
  variables { existing_vpc = { id = "10.0.0.0/16" } }
  expect_failures = [var.existing_vpc]
}

run "too_few_public_subnets" {
  command = plan
  variables { existing_vpc = { id = "vpc-0a1b", public_subnet_ids = ["subnet-0e"] } }
  expect_failures = [var.existing_vpc]
}

run "no_private_subnet_for_functions" {
  command = plan
  variables {
    existing_vpc     = { id = "vpc-0a1b", public_subnet_ids = ["subnet-0e", "subnet-0f"] }
    functions_in_vpc = true
  }
  expect_failures = [var.existing_vpc]
}

run "zones_are_the_vpcs_own" {
  command = plan
  variables { zones = ["eu-central-1a", "eu-central-1b"] }
  expect_failures = [var.existing_vpc]
}
