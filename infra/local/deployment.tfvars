# The gateway in the local cloud, with as much of it as the local cloud can hold. `make deploy-local` adds what is only
# known then: the endpoint, the provider's addresses, the packages and the configuration.

region      = "us-east-1"
environment = "local"

# It comes and goes.
deletion_protection = false
audit               = { lock_mode = "GOVERNANCE", lock_days = 1 }

secret_writer_role_arns = ["arn:aws:iam::000000000000:role/openclaw-local-operator"]

# A load balancer that the local cloud serves without certificate and firewall.
front_door = "alb"
waf        = false
allowed_cidrs = {
  loopback = { cidr = "127.0.0.0/8", owner = "developer", reason = "the local cloud", expires = "2099-12-31" }
}

functions_in_vpc  = true
function_settings = { conversations = { reserved_concurrency = 50 } }

identity = {
  callback_urls     = ["http://localhost:8400/callback"]
  domain_prefix     = "openclaw-local"
  mfa               = "OFF"
  threat_protection = "OFF"
  password_sign_in  = true
  tenants           = ["acme", "other"]
  machine_clients   = { machine = {} }
  users = {
    alice   = { email = "alice@example.org", groups = ["user", "tenant:acme"] }
    admin   = { email = "admin@example.org", groups = ["admin", "tenant:acme"] }
    bob     = { email = "bob@example.org", groups = ["user", "tenant:other"] }
    mallory = { email = "mallory@example.org", groups = [] }
  }
}

# A host that never starts: what runs on it is tested by infra/modules/ollama/tests.
ollama = {
  models         = ["smollm2"]
  ollama_version = "0.30.6"
  ollama_sha256  = { amd64 = "0000000000000000000000000000000000000000000000000000000000000000" }
  instance_type  = "t3.large"
}
