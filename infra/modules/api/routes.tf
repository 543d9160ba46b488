locals {
  # Answers health checks and whatever no route matches, both without a token.
  default_function = "health"

  # Function by route key.
  routes = merge([for r in values(var.http_routes) : { for key in r.route_keys : key => r.function }]...)

  verified_routes = { for key, function in local.routes : key => function if var.authorizer && function != local.default_function }

  # Browsers send preflight requests without a token; the path's function answers them.
  preflight_routes = { for key, function in local.verified_routes : "OPTIONS ${split(" ", key)[1]}" => function... }

  # A request that no route matches is answered with our own problem document.
  open_routes = merge(
    { for key, functions in local.preflight_routes : key => functions[0] },
    { for key, function in local.routes : key => function if !contains(keys(local.verified_routes), key) },
    { "$default" = local.default_function },
  )
}

resource "aws_apigatewayv2_authorizer" "this" {
  count = var.authorizer ? 1 : 0

  api_id           = aws_apigatewayv2_api.this.id
  name             = "${var.name}-tokens"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.issuer
    audience = var.audience
  }
}

resource "aws_apigatewayv2_route" "verified" {
  for_each = local.verified_routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.this[0].id
}

resource "aws_apigatewayv2_route" "open" {
  #checkov:skip=CKV_AWS_309: health, preflight and unrouted requests need no token, by contract
  for_each = local.open_routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
  authorization_type = "NONE"
}
