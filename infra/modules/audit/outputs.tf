output "audit_bucket" {
  description = "Name of the audit bucket."
  value       = aws_s3_bucket.audit.id
}

output "audit_bucket_arn" {
  description = "ARN of the audit bucket."
  value       = aws_s3_bucket.audit.arn
}

output "contents_bucket" {
  description = "Name of the bucket of texts."
  value       = aws_s3_bucket.contents.id
}

output "contents_bucket_arn" {
  description = "ARN of the bucket of texts."
  value       = aws_s3_bucket.contents.arn
}

output "table_name" {
  description = "Name of the table in which functions leave entries."
  value       = aws_dynamodb_table.outbox.name
}

output "table_arn" {
  description = "ARN of that table."
  value       = aws_dynamodb_table.outbox.arn
}

output "stream_arn" {
  description = "ARN of that table's stream."
  value       = aws_dynamodb_table.outbox.stream_arn
}

output "logs_bucket" {
  description = "Name of the bucket for access logs. Terraform knows it only when the policy that lets load balancers write exists."
  value       = aws_s3_bucket_policy.logs.bucket
}

output "logs_bucket_arn" {
  description = "ARN of the bucket for access logs."
  value       = aws_s3_bucket.logs.arn
}
