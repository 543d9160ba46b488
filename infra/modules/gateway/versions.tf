terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # modules/stream needs a version that knows the security policy of a REST API; this is the one that the tests use.
      version = "~> 6.69"
    }
  }
}
