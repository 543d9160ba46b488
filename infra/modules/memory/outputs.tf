output "table_name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "table_arn" {
  description = "ARN of the table."
  value       = aws_dynamodb_table.this.arn
}

output "index_arns" {
  description = "ARN of each index by its name."
  value       = { GSI1 = "${aws_dynamodb_table.this.arn}/index/GSI1" }
}

output "user_role_arns" {
  description = "ARNs of the roles that may read and write items."
  value       = var.user_role_arns
}
