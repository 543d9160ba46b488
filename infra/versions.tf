terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.69"
    }
  }

  # The other settings come from the bootstrap: terraform init -backend-config=backend.hcl -backend-config="key=…".
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = var.allowed_account_ids

  # The modules add Component to what costs money: their own name, or the function's.
  default_tags {
    tags = merge(var.cost_tags, { Project = var.project, Environment = var.environment, ManagedBy = "terraform" })
  }
}
