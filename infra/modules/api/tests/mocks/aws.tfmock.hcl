mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    api_endpoint  = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3"
  }
}

# Named here so that their ids are known in a plan.
mock_resource "aws_apigatewayv2_integration" {}
mock_resource "aws_apigatewayv2_authorizer" {}
mock_resource "aws_cloudwatch_log_group" {}
