# Names of the APIs for streams and WebSockets. Each has a certificate of its own, unless one is given, so that adding a name
# replaces no certificate.

locals {
  api_names = { for api, name in { stream = var.stream_domain_name, websocket = var.websocket_domain_name } : api => name if name != null }

  issued_api_names = var.certificate_arn == null ? local.api_names : {}
  api_certificates = { for api in keys(local.api_names) : api => var.certificate_arn != null ? var.certificate_arn : aws_acm_certificate_validation.api[api].certificate_arn }

  # Where the names lead.
  api_targets = merge(
    { for domain in aws_api_gateway_domain_name.stream : "stream" => { name = domain.regional_domain_name, zone_id = domain.regional_zone_id } },
    { for domain in aws_apigatewayv2_domain_name.websocket : "websocket" => { name = domain.domain_name_configuration[0].target_domain_name, zone_id = domain.domain_name_configuration[0].hosted_zone_id } },
  )

  api_records = var.zone_id == null ? {} : merge([
    for api, name in local.api_names : { for type in local.ipv6 ? ["A", "AAAA"] : ["A"] : "${api}-${type}" => { api = api, name = name, type = type } }
  ]...)
}

resource "aws_acm_certificate" "api" {
  for_each = local.issued_api_names

  domain_name       = each.value
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "api_validation" {
  for_each = local.issued_api_names

  zone_id = var.zone_id
  name    = one(aws_acm_certificate.api[each.key].domain_validation_options).resource_record_name
  type    = one(aws_acm_certificate.api[each.key].domain_validation_options).resource_record_type
  records = [one(aws_acm_certificate.api[each.key].domain_validation_options).resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "api" {
  for_each = local.issued_api_names

  certificate_arn         = aws_acm_certificate.api[each.key].arn
  validation_record_fqdns = [aws_route53_record.api_validation[each.key].fqdn]
}

resource "aws_api_gateway_domain_name" "stream" {
  count = var.stream_domain_name == null ? 0 : 1

  domain_name              = var.stream_domain_name
  regional_certificate_arn = local.api_certificates["stream"]

  # As the API itself (modules/stream).
  security_policy      = "SecurityPolicy_TLS13_1_2_2021_06"
  endpoint_access_mode = "STRICT"

  endpoint_configuration {
    types           = ["REGIONAL"]
    ip_address_type = local.ipv6 ? "dualstack" : "ipv4"
  }
}

# Without a base path, so that the stage is not part of the URL.
resource "aws_api_gateway_base_path_mapping" "stream" {
  count = var.stream_domain_name == null ? 0 : 1

  api_id      = module.stream[0].api_id
  stage_name  = module.stream[0].stage_name
  domain_name = aws_api_gateway_domain_name.stream[0].domain_name
}

resource "aws_apigatewayv2_domain_name" "websocket" {
  count = var.websocket_domain_name == null ? 0 : 1

  domain_name = var.websocket_domain_name

  domain_name_configuration {
    certificate_arn = local.api_certificates["websocket"]
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2" # the only one that a WebSocket API accepts
    ip_address_type = local.ipv6 ? "dualstack" : "ipv4"
  }
}

resource "aws_apigatewayv2_api_mapping" "websocket" {
  count = var.websocket_domain_name == null ? 0 : 1

  api_id      = module.websocket[0].id
  stage       = module.websocket[0].stage_name
  domain_name = aws_apigatewayv2_domain_name.websocket[0].id
}

resource "aws_route53_record" "api" {
  for_each = local.api_records

  zone_id = var.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = local.api_targets[each.value.api].name
    zone_id                = local.api_targets[each.value.api].zone_id
    evaluate_target_health = false # there is no other target
  }
}
