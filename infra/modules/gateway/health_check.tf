# A health check that never stops, so that its silence means something. A load balancer makes its own (modules/edge); beside an HTTP
# API, which makes none, EventBridge does. Nobody may reach the load balancer from there.

locals {
  base_url = local.names_api ? "https://${aws_apigatewayv2_domain_name.this[0].id}" : var.front_door == "alb" ? module.edge[0].base_url : module.api[0].base_url
}

module "health_check" {
  source = "../health_check"
  count  = var.front_door == "apigateway" && !local.local ? 1 : 0

  name                     = local.name
  url                      = "${local.base_url}/v1/health"
  permissions_boundary_arn = local.service_permissions_boundary_arn
}
