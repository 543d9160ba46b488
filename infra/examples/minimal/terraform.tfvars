# The least that serves: an HTTP API before the functions and a table, one agent on Bedrock. No VPC, nothing that
# costs by the hour.
#   terraform -chdir=infra plan -var-file=examples/minimal/terraform.tfvars
# Your own are: the region, the role, the domain prefix (no two in a region are the same) and the mail address.

region      = "eu-central-1"
environment = "dev"
front_door  = "apigateway"
config_file = "examples/minimal/openclaw.yaml" # as seen from infra/

# Who may set the providers' keys; this example needs none.
secret_writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]

identity = {
  domain_prefix = "openclaw-dev-123456789012"
  callback_urls = ["http://localhost:8400/callback"]
  users         = { alice = { email = "alice@example.org", groups = ["admin", "user"] } }
}
