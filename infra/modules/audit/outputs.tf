output "audit_bucket" {
  description = "Name of the audit bucket."
  value       = aws_s3_bucket.audit.id
}

output "audit_bucket_arn" {
  description = "ARN of the audit bucket."
  value       = aws_s3_bucket.audit.arn
}

output "logs_bucket" {
  description = "Name of the bucket for access logs. Terraform knows it only when the policy that lets load balancers write exists."
  value       = aws_s3_bucket_policy.logs.bucket
}

output "logs_bucket_arn" {
  description = "ARN of the bucket for access logs."
  value       = aws_s3_bucket.logs.arn
}
