mock_data "aws_availability_zones" {
  defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
}

mock_data "aws_vpc_endpoint_service" {
  defaults = { availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
}

mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_resource "aws_vpc" {
  defaults = { ipv6_cidr_block = "2001:db8:aa00::/56" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:/openclaw-test/vpc-flow" }
}

# Named here so that their ids are known in a plan.
mock_resource "aws_subnet" {}
mock_resource "aws_internet_gateway" {}
mock_resource "aws_egress_only_internet_gateway" {}
mock_resource "aws_eip" {}
mock_resource "aws_nat_gateway" {}
mock_resource "aws_route_table" {}
mock_resource "aws_network_acl" {}
mock_resource "aws_security_group" {}
