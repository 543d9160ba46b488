output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr" {
  description = "IPv4 block of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one per zone."
  value       = aws_subnet.public[*].id
}

output "private_subnet_ids" {
  description = "Subnets of functions and hosts, one per zone."
  value       = aws_subnet.private[*].id
}

output "load_balancer_security_group_id" {
  description = "Security group of the load balancer; null without one."
  value       = one(aws_security_group.load_balancer[*].id)
}

output "functions_security_group_id" {
  description = "Security group of the functions in the VPC."
  value       = aws_security_group.functions.id
}

output "ollama_security_group_id" {
  description = "Security group of the Ollama host; null without one."
  value       = one(aws_security_group.ollama[*].id)
}

output "nat_public_ips" {
  description = "IPv4 addresses that private hosts show to the internet, for allow lists of others."
  value       = aws_eip.nat[*].public_ip
}
