mock_data "aws_region" {
  defaults = { region = "eu-central-1" }
}

# Named here so that its id is known in a plan.
mock_resource "aws_security_group" {}
