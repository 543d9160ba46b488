# The front door's own name: a certificate, unless one is given, and records in zone_id that lead to the front door.

locals {
  makes_certificate = var.certificate_arn == null && var.domain_name != null && var.zone_id != null
  certificate_arn   = local.makes_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn
  names_api         = var.front_door == "apigateway" && var.domain_name != null
}

resource "aws_acm_certificate" "this" {
  count = local.makes_certificate ? 1 : 0

  domain_name       = var.domain_name
  validation_method = "DNS"

  # A front door keeps the old certificate until the new one exists.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = local.makes_certificate ? 1 : 0

  zone_id = var.zone_id
  name    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_name
  type    = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_type
  records = [one(aws_acm_certificate.this[0].domain_validation_options).resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "this" {
  count = local.makes_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = aws_route53_record.validation[*].fqdn
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = local.names_api ? 1 : 0

  domain_name = var.domain_name

  domain_name_configuration {
    certificate_arn = local.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2" # the newest that an HTTP API accepts; it includes 1.3
    ip_address_type = "dualstack"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = local.names_api ? 1 : 0

  api_id      = module.api[0].api_id
  stage       = module.api[0].stage_name
  domain_name = aws_apigatewayv2_domain_name.this[0].id
}

resource "aws_route53_record" "front_door" {
  for_each = var.domain_name != null && var.zone_id != null ? toset(local.ipv6 ? ["A", "AAAA"] : ["A"]) : toset([])

  zone_id = var.zone_id
  name    = var.domain_name
  type    = each.key

  alias {
    name                   = local.names_api ? aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name : module.edge[0].dns_name
    zone_id                = local.names_api ? aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id : module.edge[0].zone_id
    evaluate_target_health = false # there is no other target
  }
}
