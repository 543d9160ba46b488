output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Ids of the load balancer's subnets, one per zone."
  value       = aws_subnet.public[*].id
}

output "private_subnet_ids" {
  description = "Ids of the subnets of functions and hosts, one per zone; known when their routes and endpoints exist."
  value       = aws_subnet.private[*].id

  # Hosts and functions use the network as soon as they start, and a NAT gateway takes minutes to create.
  depends_on = [
    aws_network_acl_rule.egress,
    aws_network_acl_rule.ipv4,
    aws_network_acl_rule.ipv6,
    aws_route.private_ipv4,
    aws_route.private_ipv6,
    aws_route.public_ipv4,
    aws_route_table_association.private,
    aws_route_table_association.public,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
  ]
}

output "zones" {
  description = "Names of the availability zones, in the order of the subnets."
  value       = local.zones
}

output "nat_public_ips" {
  description = "IPv4 addresses from which private hosts reach the internet, for allow lists of others."
  value       = aws_eip.nat[*].public_ip
}
