resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_28: waf.tf associates the firewall unless waf = false, which the local cloud needs
  #checkov:skip=CKV2_AWS_76: the group against Log4j is in local.managed_groups, whose dynamic block checkov does not resolve
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  ip_address_type    = var.ip_address_type
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  idle_timeout                     = var.idle_timeout_s
  enable_http2                     = true
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
  enable_waf_fail_open             = false

  # Malformed headers and ambiguous requests are how request smuggling starts.
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"

  access_logs {
    bucket  = var.access_logs_bucket
    enabled = true
  }

  tags = { Component = "edge" }
}

# ---- one target group per function, which may invoke that function's alias and nothing else

locals {
  # AWS takes 32 characters; a longer name is cut and told apart by a digest.
  target_group_names = {
    for key in keys(var.functions) : key => length("${var.name}-${key}") <= 32 ? "${var.name}-${key}" : "${substr(key, 0, 23)}-${substr(sha256("${var.name}-${key}"), 0, 8)}"
  }
}

resource "aws_lb_target_group" "this" {
  for_each = var.functions

  name                               = local.target_group_names[each.key]
  target_type                        = "lambda"
  lambda_multi_value_headers_enabled = true

  # Each check is a paid invocation; the other functions are no healthier for it.
  health_check {
    enabled             = each.key == var.default_function
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

  # AWS refuses a target that it may not invoke.
  depends_on = [aws_lambda_permission.this]
}
