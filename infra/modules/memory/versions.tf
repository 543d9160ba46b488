terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.30: the index is described by key_schema, its older arguments are deprecated.
      version = "~> 6.30"
    }
  }
}
