mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_cloudwatch_event_connection" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:connection/openclaw-test-health-check/1" }
  }
  mock_resource "aws_cloudwatch_event_api_destination" {
    defaults = { arn = "arn:aws:events:eu-central-1:111122223333:api-destination/openclaw-test-health-check/1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/openclaw-test-health-check" }
  }
}

variables {
  name                     = "openclaw-test"
  url                      = "https://api1.execute-api.eu-central-1.amazonaws.com/v1/health"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/openclaw-service-boundary"
}

run "once_a_minute" {
  command = plan

  assert {
    condition = (
      aws_cloudwatch_event_rule.this.schedule_expression == "rate(1 minute)" && aws_cloudwatch_event_rule.this.state == null &&
      aws_cloudwatch_event_target.this.rule == aws_cloudwatch_event_rule.this.name && aws_cloudwatch_event_target.this.arn == aws_cloudwatch_event_api_destination.this.arn &&
      aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts == 0
    )
    error_message = "the API must be asked once a minute, without retries that hide a failure"
  }
  assert {
    condition     = aws_cloudwatch_event_api_destination.this.http_method == "GET" && aws_cloudwatch_event_api_destination.this.invocation_endpoint == var.url
    error_message = "the request must be that of a client"
  }
  assert {
    condition     = one(data.aws_iam_policy_document.send.statement).actions == toset(["events:InvokeApiDestination"]) && one(data.aws_iam_policy_document.send.statement).resources == toset([aws_cloudwatch_event_api_destination.this.arn])
    error_message = "the role may do nothing else"
  }
  assert {
    condition = toset([for c in one(data.aws_iam_policy_document.trust.statement).condition : "${c.test} ${c.variable} ${one(c.values)}"]) == toset([
      "StringEquals aws:SourceAccount 111122223333",
      "ArnEquals aws:SourceArn arn:aws:events:eu-central-1:111122223333:rule/openclaw-test-health-check",
    ])
    error_message = "only this rule may assume the role"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "a boundary must limit the role"
  }
}
