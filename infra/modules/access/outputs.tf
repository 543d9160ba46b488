output "open_cidrs" {
  description = "Networks of allowed_cidrs that can reach the gateway today, each with its last day."
  value       = [for e in values(local.open_cidrs) : { cidr = e.cidr, expires = e.expires }]
}

output "expired_cidrs" {
  description = "Entries of allowed_cidrs whose last day is over."
  value       = local.expired_cidrs
}

output "ending_cidrs" {
  description = "Entries of allowed_cidrs that end within 7 days."
  value       = local.ending_cidrs
}

output "load_balancer_security_group_id" {
  description = "Id of the load balancer's security group; null without a load balancer."
  value       = one(aws_security_group.load_balancer[*].id)
}

output "endpoints_security_group_id" {
  description = "Id of the interface endpoints' security group; null with endpoint_cidrs."
  value       = one(aws_security_group.endpoints[*].id)
}

# A function or a host may start as soon as its security group is known, so these are known only when the rules exist.
output "functions_security_group_id" {
  description = "Id of the security group of functions in the VPC."
  value       = aws_security_group.functions.id

  depends_on = [
    aws_vpc_security_group_egress_rule.functions_endpoints,
    aws_vpc_security_group_egress_rule.functions_internet,
    aws_vpc_security_group_egress_rule.functions_internet_ports,
    aws_vpc_security_group_egress_rule.functions_ollama,
    aws_vpc_security_group_egress_rule.functions_prefix_lists,
    aws_vpc_security_group_egress_rule.functions_vpc,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "actions_security_group_ids" {
  description = "Id of the security group that the functions which run agents need as well; empty without private networks of actions."
  value       = aws_security_group.actions[*].id

  depends_on = [aws_vpc_security_group_egress_rule.actions]
}

output "ollama_security_group_id" {
  description = "Id of the Ollama host's security group; null without a host."
  value       = one(aws_security_group.ollama[*].id)

  depends_on = [
    aws_vpc_security_group_egress_rule.ollama_endpoints,
    aws_vpc_security_group_egress_rule.ollama_internet,
    aws_vpc_security_group_egress_rule.ollama_s3,
    aws_vpc_security_group_egress_rule.ollama_vpc,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}
