mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "a1b2c3"
    root_resource_id = "root"
    execution_arn    = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3"
  }
}

mock_resource "aws_api_gateway_stage" {
  defaults = {
    arn        = "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3/stages/live"
    invoke_url = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/live"
  }
}

# Named here so that their ids are known in a plan.
mock_resource "aws_api_gateway_resource" {}
mock_resource "aws_api_gateway_deployment" {}
mock_resource "aws_cloudwatch_log_group" {}
