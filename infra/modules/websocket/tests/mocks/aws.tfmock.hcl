mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "a1b2c3"
    execution_arn = "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3"
  }
}

mock_resource "aws_apigatewayv2_stage" {
  defaults = { invoke_url = "wss://a1b2c3.execute-api.eu-central-1.amazonaws.com/live" }
}

# Named here so that their ids are known in a plan.
mock_resource "aws_apigatewayv2_integration" {
  defaults = { id = "int1" }
}
mock_resource "aws_cloudwatch_log_group" {}
