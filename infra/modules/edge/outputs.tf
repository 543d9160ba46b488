output "dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Id of the hosted zone of that name, for an alias record."
  value       = aws_lb.this.zone_id
}

output "arn_suffix" {
  description = "ARN suffix of the load balancer, which is the dimension LoadBalancer of its metrics."
  value       = aws_lb.this.arn_suffix
}

output "base_url" {
  description = "URL to which clients append a route."
  value       = "${var.local ? "http" : "https"}://${coalesce(var.domain_name, aws_lb.this.dns_name)}"
}

output "target_group_arn_suffixes" {
  description = "ARN suffix of each target group, which is the dimension TargetGroup of its metrics, by function."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}

output "web_acl_arn" {
  description = "ARN of the firewall's web ACL; null without a firewall."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}
