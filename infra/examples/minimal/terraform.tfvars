# The least that serves: an HTTP API before four functions and a table, one agent on Bedrock. No VPC, nothing that
# costs by the hour.
#   terraform -chdir=infra plan -var-file=examples/minimal/terraform.tfvars
# Replace the account number and the callback URL by your own.

region      = "eu-central-1"
environment = "dev"
front_door  = "apigateway"
config_file = "examples/minimal/openclaw.yaml"

secret_writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]

identity = {
  callback_urls = ["http://localhost:8400/callback"]
}
