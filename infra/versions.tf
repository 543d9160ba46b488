terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.30 is the first that knows all that modules/memory uses.
      version = "~> 6.30"
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
