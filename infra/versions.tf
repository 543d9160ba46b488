terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # modules/stream needs one that knows the security policy of a REST API; this is the one that the tests use.
      version = "~> 6.69"
    }
  }

  # The rest comes from bootstrap's output: terraform init -backend-config=backend.hcl -backend-config="key=…".
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}
