# The smallest deployment: an HTTP API, the functions and a table, with one agent on Bedrock. It has no VPC and nothing that
# costs by the hour.
#   openclaw bundle infra/examples/minimal -o infra/examples/minimal/bundle.json
#   terraform -chdir=infra plan -var-file=examples/minimal/terraform.tfvars
# Replace the region, the role, the domain prefix (unique in the region) and the mail address by your own.

region        = "us-east-1"
environment   = "dev"
front_door    = "apigateway"
config_bundle = "examples/minimal/bundle.json"

# Roles that may set the providers' keys; this example needs none.
secret_writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]

identity = {
  domain_prefix = "openclaw-dev-123456789012"
  callback_urls = ["http://localhost:8400/callback"]
  users         = { alice = { email = "alice@example.org", groups = ["admin", "user"] } }
}
