locals {
  backend = {
    bucket       = aws_s3_bucket.state.bucket
    region       = var.region
    encrypt      = true
    kms_key_id   = aws_kms_key.state.arn
    use_lockfile = true
  }
}

output "backend_config" {
  description = "Contents of a file for `terraform init -backend-config=FILE`; the `key` of the state, one per environment, is passed separately."
  value       = join("", [for name, value in local.backend : "${name} = ${jsonencode(value)}\n"])
}

output "state_bucket" {
  description = "Name of the bucket of the states."
  value       = aws_s3_bucket.state.bucket
}

output "state_key_arn" {
  description = "ARN of the key that encrypts the states."
  value       = aws_kms_key.state.arn
}

output "boundary_arn" {
  description = "ARN of the permissions boundary of every function's role."
  value       = aws_iam_policy.function_boundary.arn
}

output "service_boundary_arn" {
  description = "ARN of the permissions boundary of the roles that services of AWS assume."
  value       = aws_iam_policy.service_boundary.arn
}

output "host_boundary_arn" {
  description = "ARN of the permissions boundary of the Ollama host's role."
  value       = aws_iam_policy.host_boundary.arn
}

output "deployer_role_arns" {
  description = "ARNs of the roles that a pipeline assumes to plan and to apply; empty without deployers."
  value       = { for kind, role in aws_iam_role.deployer : kind => role.arn }
}
