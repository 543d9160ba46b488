# Everything that can be deployed: a load balancer with a firewall and a name of its own, all four providers, an Ollama host,
# tenants, machine clients, federation, and a model that is allowed to leave the region.
#   openclaw bundle infra/examples/complete -o infra/examples/complete/bundle.json
#   terraform -chdir=infra plan -var-file=examples/complete/terraform.tfvars
# Replace the account number, names, zone, addresses and dates by your own.

region              = "eu-central-1"
allowed_account_ids = ["123456789012"]
environment         = "prod"
cost_tags           = { CostCenter = "4711", Owner = "platform" }
config_bundle       = "examples/complete/bundle.json"

secret_writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]
break_glass_role_arns   = ["arn:aws:iam::123456789012:role/break-glass"]

# ---- Front door

domain_name = "gateway.example.org"
zone_id     = "Z0123456789ABCDEFGHIJ"

# The last day is at most 365 days ahead. After it the entry is left out of every rule.
allowed_cidrs = {
  office = { cidr = "203.0.113.0/24", owner = "netops@example.org", approved_by = "security@example.org", reason = "office network", expires = "2027-03-31" }
  vpn    = { cidr = "2001:db8:1::/48", owner = "netops@example.org", approved_by = "security@example.org", reason = "VPN", expires = "2027-03-31" }
}

# ---- Functions

function_settings = {
  agent  = { memory_mb = 1024, reserved_concurrency = 200, provisioned_concurrency = { min = 2, max = 20 } }
  health = { reserved_concurrency = 20 }
}

# ---- Network

vpc_cidr   = "10.20.0.0/16"
zone_count = 3

# ---- Identity

identity = {
  domain_prefix   = "openclaw-prod-example"
  callback_urls   = ["https://chat.example.org/callback"]
  logout_urls     = ["https://chat.example.org/"]
  tenants         = ["acme", "globex"]
  machine_clients = { nightly-report = {} }
  users = {
    alice = { email = "alice@example.org", groups = ["admin", "user", "tenant:acme"] }
    bob   = { email = "bob@example.org", groups = ["user", "tenant:globex"] }
  }
  saml_providers = { Corporate = { metadata_url = "https://login.example.org/saml/metadata" } }
}

# ---- Models

# Prompts to this model may be processed in any of these regions.
allowed_cross_region_models = {
  "eu.anthropic.claude-sonnet-4-5-20250929-v1:0" = {
    regions = ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"]
  }
}

# The sum is from sha256sum.txt of that release.
ollama = {
  models         = ["llama3.2:3b"]
  ollama_version = "0.30.6"
  ollama_sha256  = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" }
  instance_type  = "g6.xlarge"
}

# ---- Operation

log_retention_days = 365
alarm_emails       = ["oncall@example.org"]
alarm_thresholds   = { requests_per_minute = 3000 }
