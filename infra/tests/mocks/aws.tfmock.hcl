mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
}

mock_data "aws_vpc_endpoint_service" {
  defaults = { availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c", "eu-central-1d"] }
}

mock_data "aws_vpc" {
  defaults = { cidr_block_associations = [{ association_id = "a", cidr_block = "10.9.0.0/16", state = "associated" }] }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_data "aws_default_tags" {
  defaults = { tags = {} }
}

# What modules check, and what tests assert. Terraform invents everything else.
mock_resource "aws_vpc" {
  defaults = { id = "vpc-1", ipv6_cidr_block = "2001:db8:aa00::/56" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-1" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/data", key_id = "data" }
}

mock_resource "aws_dynamodb_table" {
  defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/openclaw-test" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:other" }
}

mock_resource "aws_cognito_user_pool" {
  defaults = { id = "eu-central-1_TEST" }
}

mock_resource "aws_cognito_user_pool_client" {
  defaults = { id = "1example23456789abcdefghij" }
}

mock_resource "aws_lb" {
  defaults = { arn_suffix = "app/openclaw-test/1", dns_name = "openclaw-test-1.eu-central-1.elb.amazonaws.com", zone_id = "ZLB" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = { id = "api1", api_endpoint = "https://api1.execute-api.eu-central-1.amazonaws.com" }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = { id = "stream1", execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:stream1" }
}

mock_resource "aws_api_gateway_stage" {
  defaults = { arn = "arn:aws:apigateway:eu-central-1::/restapis/stream1/stages/live", invoke_url = "https://stream1.execute-api.eu-central-1.amazonaws.com/live" }
}

mock_resource "aws_apigatewayv2_domain_name" {
  defaults = { id = "gateway.example.org", domain_name_configuration = { target_domain_name = "d-1.execute-api.eu-central-1.amazonaws.com", hosted_zone_id = "ZAPI" } }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn                       = "arn:aws:acm:eu-central-1:111122223333:certificate/made"
    domain_validation_options = [{ domain_name = "gateway.example.org", resource_record_name = "_1.gateway.example.org", resource_record_type = "CNAME", resource_record_value = "_2.acm-validations.aws" }]
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:made" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/openclaw-test/1" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/made" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::111122223333:policy/made" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::made" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:openclaw-test-alarms" }
}

mock_resource "aws_api_gateway_domain_name" {
  defaults = { regional_domain_name = "d-2.execute-api.eu-central-1.amazonaws.com", regional_zone_id = "ZREST" }
}
