output "dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "Hosted zone of that name, for an alias record."
  value       = aws_lb.this.zone_id
}

output "arn_suffix" {
  description = "Dimension LoadBalancer of its metrics."
  value       = aws_lb.this.arn_suffix
}

output "base_url" {
  description = "Where clients send requests; routes are appended to it."
  value       = "${var.http_only ? "http" : "https"}://${coalesce(var.domain_name, aws_lb.this.dns_name)}"
}

output "target_group_arn_suffixes" {
  description = "Dimension TargetGroup of the metrics, per function."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}

output "web_acl_arn" {
  description = "ARN of the firewall; null without one."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}
