# The gateway in a root of a team's own, beside whatever else the team deploys. The root says where the state is kept and
# what the provider adds to everything; the module creates the gateway, and leaves its names to other resources.
#   openclaw bundle infra/examples/module -o infra/examples/module/bundle.json
#   terraform -chdir=infra/examples/module init -backend-config=… && terraform -chdir=infra/examples/module apply
# Replace the account number, the region, the bucket, the domain prefix (unique in the region) and the mail address.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.69"
    }
  }

  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = { Team = "assistants", ManagedBy = "terraform" }
  }
}

# From elsewhere: source = "git::https://…//infra/modules/gateway?ref=v1.0.0".
module "openclaw" {
  source = "../../modules/gateway"

  environment             = "team"
  front_door              = "apigateway"
  config_bundle           = "${path.root}/bundle.json"
  package_dir             = var.package_dir
  secret_writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]

  identity = {
    domain_prefix   = "openclaw-team-123456789012"
    callback_urls   = ["http://localhost:8400/callback"]
    machine_clients = { ticket-bot = {} }
    users           = { alice = { email = "alice@example.org", groups = ["admin", "user"] } }
  }
}

# What the team adds: its own alarm mail goes through the gateway's topic.
resource "aws_sns_topic_subscription" "team" {
  topic_arn = module.openclaw.alarm_topic_arn
  protocol  = "email"
  endpoint  = "assistants@example.org"
}

variable "package_dir" {
  description = "Directory that holds <function>/bootstrap.zip, as `make package` leaves it."
  type        = string
  default     = "../../../target/lambda"
}

output "base_url" {
  description = "URL to which clients append a route."
  value       = module.openclaw.base_url
}
