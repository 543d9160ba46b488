# Which zones the VPC has.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                        = "openclaw-test"
  cidr                        = "10.0.0.0/16"
  zone_count                  = 2
  nat_gateways                = "one_per_zone"
  logs_kms_key_arn            = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  log_retention_days          = 90
  endpoints_security_group_id = "sg-endpoints"
  permissions_boundary_arn    = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
  interface_endpoints         = ["bedrock-runtime", "ssm"]
  endpoint_resource_arns      = { for service in ["s3", "dynamodb", "bedrock-runtime", "ssm"] : service => ["arn:aws:x:::y"] }
}

run "a_zone_without_an_endpoint_is_left_out" {
  command = plan

  override_data {
    target          = data.aws_vpc_endpoint_service.interface["bedrock-runtime"]
    override_during = plan
    values          = { availability_zones = ["eu-central-1d", "eu-central-1c", "eu-central-1b"] }
  }
  override_data {
    target          = data.aws_vpc_endpoint_service.interface["ssm"]
    override_during = plan
    values          = { availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1d"] }
  }

  assert {
    condition     = jsonencode(output.zones) == jsonencode(["eu-central-1b", "eu-central-1d"]) && aws_subnet.private[*].availability_zone == ["eu-central-1b", "eu-central-1d"] && length(aws_nat_gateway.this) == 2
    error_message = "the VPC must have the first zones that have every endpoint; got ${jsonencode(output.zones)}"
  }
  assert {
    condition     = data.aws_vpc_endpoint_service.interface["ssm"].service_name == "com.amazonaws.eu-central-1.ssm"
    error_message = "the zones must be those of the endpoint's service"
  }
}

run "too_few_zones_have_every_endpoint" {
  command = plan

  override_data {
    target          = data.aws_vpc_endpoint_service.interface["ssm"]
    override_during = plan
    values          = { availability_zones = ["eu-central-1a"] }
  }
  expect_failures = [aws_vpc.this]
}

run "given_zones" {
  command = plan
  variables {
    zone_count = 2
    zones      = ["eu-central-1c", "eu-central-1a", "eu-central-1d"]
  }

  assert {
    condition     = aws_subnet.private[*].availability_zone == ["eu-central-1c", "eu-central-1a", "eu-central-1d"] && length(aws_eip.nat) == 3 && length(data.aws_vpc_endpoint_service.interface) == 0
    error_message = "the given zones, in their order, must be used without a question to AWS"
  }
}

run "one_zone" {
  command = plan
  variables { zones = ["eu-central-1a"] }
  expect_failures = [var.zones]
}

run "a_zone_twice" {
  command = plan
  variables { zones = ["eu-central-1a", "eu-central-1a"] }
  expect_failures = [var.zones]
}
