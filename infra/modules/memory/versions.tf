terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.30 introduced key_schema for indexes; the arguments that it replaces are deprecated.
      version = "~> 6.30"
    }
  }
}
