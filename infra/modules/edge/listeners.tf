# The listener that serves requests: HTTPS, or HTTP on the local cloud, which has no certificates.
resource "aws_lb_listener" "serving" {
  #checkov:skip=CKV_AWS_2: HTTP is for the local cloud only; checkov cannot follow that from the root
  #checkov:skip=CKV_AWS_103: the same; the policy offers nothing older than TLS 1.2
  load_balancer_arn = aws_lb.this.arn
  port              = var.local ? 80 : 443
  protocol          = var.local ? "HTTP" : "HTTPS"
  ssl_policy        = var.local ? null : "ELBSecurityPolicy-TLS13-1-2-2021-06" # TLS 1.3, and 1.2 without its weaker ciphers
  certificate_arn   = var.local ? null : var.certificate_arn

  # Added to every response, those of the firewall and of the load balancer itself included. Without includeSubDomains, because
  # other names below domain_name are not ours.
  routing_http_response_strict_transport_security_header_value = var.local ? null : "max-age=31536000"

  # A request that no route matches is answered with our own problem document, without a token.
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[local.default_function].arn
  }
}

resource "aws_lb_listener" "redirect" {
  count = var.redirect_http && !var.local ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

locals {
  # Answers health checks and whatever no route matches, both without a token.
  default_function = "health"

  # AWS accepts three values per condition and five per rule. A route with more than three paths gets further rules, at
  # the priorities that follow its own.
  rules = merge([
    for name, route in var.routes : {
      for index, paths in chunklist(route.paths, 3) : index == 0 ? name : "${name}/${index + 1}" => {
        priority = route.priority + index
        paths    = paths
        function = route.function
      }
    }
  ]...)

  verified_rules = var.jwt == null ? {} : { for name, rule in local.rules : name => rule if rule.function != local.default_function }
  open_rules     = { for name, rule in local.rules : name => rule if !contains(keys(local.verified_rules), name) }
}

resource "aws_lb_listener_rule" "open" {
  for_each = local.open_rules

  listener_arn = aws_lb_listener.serving.arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.function].arn
  }

  tags = { Name = each.key }
}

# Browsers send preflight requests without a token; the function answers them.
resource "aws_lb_listener_rule" "preflight" {
  for_each = local.verified_rules

  listener_arn = aws_lb_listener.serving.arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  condition {
    http_request_method {
      values = ["OPTIONS"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.function].arn
  }

  tags = { Name = "${each.key}-preflight" }
}

resource "aws_lb_listener_rule" "verified" {
  for_each = local.verified_rules

  listener_arn = aws_lb_listener.serving.arn
  priority     = each.value.priority + 1000

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  action {
    type  = "jwt-validation"
    order = 1

    jwt_validation {
      issuer        = var.jwt.issuer
      jwks_endpoint = var.jwt.jwks_url
    }
  }

  action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.this[each.value.function].arn
  }

  tags = { Name = each.key }
}
