# The listener that serves: HTTPS, or on the local cloud, which has no certificates, HTTP.
resource "aws_lb_listener" "serving" {
  #checkov:skip=CKV_AWS_2: HTTP only with http_only, which is refused unless local = true; checkov cannot follow that from the root
  #checkov:skip=CKV_AWS_103: the same; ssl_policy takes nothing older than TLS 1.2
  load_balancer_arn = aws_lb.this.arn
  port              = var.http_only ? 80 : 443
  protocol          = var.http_only ? "HTTP" : "HTTPS"
  ssl_policy        = var.http_only ? null : var.ssl_policy
  certificate_arn   = var.http_only ? null : var.certificate_arn

  # Unrouted requests get our own problem document, no token needed.
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[var.default_function].arn
  }
}

resource "aws_lb_listener" "redirect" {
  count = var.http_only ? 0 : 1

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
  # AWS takes three values a condition and five a rule. A route with more than three paths gets further rules, at the
  # priorities that follow its own.
  rules = merge([
    for name, route in var.routes : {
      for index, paths in chunklist(route.paths, 3) : index == 0 ? name : "${name}/${index + 1}" => {
        priority = route.priority + index
        paths    = paths
        function = route.function
      }
    }
  ]...)

  verified_rules = var.jwt == null ? {} : { for name, rule in local.rules : name => rule if rule.function != var.default_function }
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

# Browsers send no token with a preflight request; the function answers it.
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

      dynamic "additional_claim" {
        for_each = var.jwt.client_ids

        content {
          name   = "client_id"
          format = "single-string"
          values = [additional_claim.value]
        }
      }
    }
  }

  action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.this[each.value.function].arn
  }

  tags = { Name = each.key }
}
