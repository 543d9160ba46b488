resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28: waf.tf associates the firewall unless waf is false, which the local cloud needs
  #checkov:skip=CKV2_AWS_76: local.managed_groups contains the group against Log4j; checkov does not resolve its dynamic block
  name               = var.name
  load_balancer_type = "application"
  internal           = var.internal
  ip_address_type    = var.ipv6 && !var.local ? "dualstack" : "ipv4"
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  idle_timeout                     = var.idle_timeout_s
  enable_http2                     = true
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
  enable_waf_fail_open             = false

  # Request smuggling begins with malformed headers and ambiguous requests.
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"

  access_logs {
    bucket  = var.access_logs_bucket
    enabled = true
  }

  tags = { Component = "edge" }
}

# ---- One target group per function, which may invoke that function's alias only

locals {
  # AWS accepts 32 characters. A longer name is cut and gets a digest to stay unique.
  target_group_names = {
    for key in keys(var.functions) : key => length("${var.name}-${key}") <= 32 ? "${var.name}-${key}" : "${substr(key, 0, 23)}-${substr(sha256("${var.name}-${key}"), 0, 8)}"
  }
}

resource "aws_lb_target_group" "this" {
  for_each = var.functions

  name                               = local.target_group_names[each.key]
  target_type                        = "lambda"
  lambda_multi_value_headers_enabled = true

  # Each check is a paid invocation, and shows nothing about the other functions.
  health_check {
    enabled             = each.key == local.default_function
    path                = "/v1/health"
    matcher             = "200"
    interval            = 60
    timeout             = 10
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_lambda_permission" "this" {
  for_each = var.functions

  statement_id  = "${var.name}-load-balancer"
  action        = "lambda:InvokeFunction"
  principal     = "elasticloadbalancing.amazonaws.com"
  function_name = each.value.function_name
  qualifier     = each.value.alias
  source_arn    = aws_lb_target_group.this[each.key].arn
}

resource "aws_lb_target_group_attachment" "this" {
  for_each = var.functions

  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = each.value.arn

  # AWS refuses a target that the load balancer may not invoke.
  depends_on = [aws_lambda_permission.this]
}
