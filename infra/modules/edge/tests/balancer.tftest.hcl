# The load balancer with its listeners, rules and targets.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name                       = "openclaw-test"
  subnet_ids                 = ["subnet-a", "subnet-b"]
  security_group_id          = "sg-1"
  certificate_arn            = "arn:aws:acm:eu-central-1:111122223333:certificate/c"
  access_logs_bucket         = "openclaw-test-logs-111122223333"
  logs_kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  longest_function_timeout_s = 90
  waf                        = false # tested in waf.tftest.hcl, and half of a plan's time
  functions = {
    health        = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-health:live", function_name = "openclaw-test-health", alias = "live" }
    agent         = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agent:live", function_name = "openclaw-test-agent", alias = "live" }
    conversations = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-conversations:live", function_name = "openclaw-test-conversations", alias = "live" }
  }
  routes = {
    health        = { priority = 10, paths = ["/v1/health"], function = "health" }
    agent         = { priority = 20, paths = ["/v1/agent/*"], function = "agent" }
    conversations = { priority = 30, paths = ["/v1/conversations", "/v1/conversations/*"], function = "conversations" }
  }
  log_retention_days   = 90
  idle_timeout_s       = 120
  prompt_path_prefixes = ["/v1/agent/"]
}

run "by_default" {
  command = plan

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest"
    error_message = "invalid headers must be dropped, and ambiguous requests refused"
  }
  assert {
    condition     = aws_lb.this.enable_cross_zone_load_balancing && aws_lb.this.enable_deletion_protection && aws_lb.this.enable_http2
    error_message = "the load balancer must be cross-zone, protected from deletion, and speak HTTP/2"
  }
  assert {
    condition     = !aws_lb.this.enable_waf_fail_open
    error_message = "requests must fail if the firewall fails"
  }
  assert {
    condition     = one(aws_lb.this.access_logs).enabled && one(aws_lb.this.access_logs).bucket == "openclaw-test-logs-111122223333"
    error_message = "access logs must be written"
  }
  assert {
    condition     = aws_lb.this.ip_address_type == "ipv4" && !aws_lb.this.internal && toset(aws_lb.this.subnets) == toset(var.subnet_ids) && toset(aws_lb.this.security_groups) == toset(["sg-1"])
    error_message = "the load balancer must be IPv4 only and public, in the given subnets and security group"
  }
  assert {
    condition     = aws_lb.this.idle_timeout == 120 && aws_lb.this.idle_timeout >= var.longest_function_timeout_s
    error_message = "the load balancer must wait longer than the longest function"
  }
  assert {
    condition     = aws_lb_listener.serving.port == 443 && aws_lb_listener.serving.protocol == "HTTPS" && aws_lb_listener.serving.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.serving.certificate_arn == var.certificate_arn
    error_message = "the listener must serve HTTPS on 443 with a TLS 1.3 policy and our certificate"
  }
  assert {
    condition     = output.base_url == "https://openclaw-test-1.eu-central-1.elb.amazonaws.com"
    error_message = "the base URL must be https"
  }
  assert {
    condition     = length(aws_lb_listener.redirect) == 0
    error_message = "port 80 must be closed"
  }
  assert {
    condition     = aws_lb_listener.serving.routing_http_response_strict_transport_security_header_value == "max-age=31536000"
    error_message = "answers must oblige browsers to use HTTPS only, for a year"
  }
  assert {
    condition     = length(aws_lb_listener.serving.default_action) == 1 && aws_lb_listener.serving.default_action[0].type == "forward" && aws_lb_listener.serving.default_action[0].target_group_arn == aws_lb_target_group.this["health"].arn
    error_message = "a request that no route matches must reach health, which answers with our problem document"
  }
  assert {
    condition = keys(aws_lb_target_group.this) == ["agent", "conversations", "health"] && alltrue([
      for g in aws_lb_target_group.this : g.target_type == "lambda" && g.lambda_multi_value_headers_enabled && length(g.name) <= 32
    ])
    error_message = "target groups must be of Lambda, and pass every value of a header"
  }
  assert {
    condition = alltrue([for name, r in var.routes :
      aws_lb_listener_rule.open[name].priority == r.priority &&
      toset(flatten([for c in aws_lb_listener_rule.open[name].condition : [for p in c.path_pattern : tolist(p.values)]])) == toset(r.paths) &&
      aws_lb_listener_rule.open[name].action[0].target_group_arn == aws_lb_target_group.this[r.function].arn &&
      aws_lb_listener_rule.open[name].listener_arn == aws_lb_listener.serving.arn
    ])
    error_message = "each path must lead to its function"
  }
  assert {
    condition     = alltrue([for key, a in aws_lb_target_group_attachment.this : a.target_group_arn == aws_lb_target_group.this[key].arn && a.target_id == var.functions[key].arn])
    error_message = "the target must be the alias"
  }
  assert {
    condition     = output.target_group_arn_suffixes == { for key, g in aws_lb_target_group.this : key => g.arn_suffix }
    error_message = "the output must contain the dimension of each target group's metrics"
  }
  assert {
    condition = alltrue([for key, p in aws_lambda_permission.this :
      p.source_arn == aws_lb_target_group.this[key].arn && p.function_name == var.functions[key].function_name && p.qualifier == "live" &&
      p.principal == "elasticloadbalancing.amazonaws.com" && p.action == "lambda:InvokeFunction"
    ]) && length(aws_lambda_permission.this) == 3 && length(distinct(values(aws_lambda_permission.this)[*].source_arn)) == 3
    error_message = "each alias may be invoked by its target group only"
  }
  assert {
    condition     = alltrue([for key, g in aws_lb_target_group.this : one(g.health_check).enabled == (key == "health")])
    error_message = "only health may be invoked for health checks"
  }
  assert {
    condition     = one(aws_lb_target_group.this["health"].health_check).path == "/v1/health" && one(aws_lb_target_group.this["health"].health_check).matcher == "200"
    error_message = "health checks must use the public route"
  }
  assert {
    condition     = length(aws_lb_listener_rule.verified) == 0 && length(aws_lb_listener_rule.preflight) == 0
    error_message = "without jwt there must be plain forwards only"
  }
}

run "deletion_protection_can_be_lifted" {
  command = plan
  variables { deletion_protection = false }

  assert {
    condition     = !aws_lb.this.enable_deletion_protection
    error_message = "the protection must be removable for a teardown"
  }
}

run "long_names_stay_within_32_characters_and_apart" {
  command = plan
  variables { name = "openclaw-a-long-environment-name" }

  assert {
    condition     = alltrue([for g in aws_lb_target_group.this : length(g.name) <= 32]) && length(distinct(values(aws_lb_target_group.this)[*].name)) == 3
    error_message = "names must have at most 32 characters, and stay unique"
  }
}

run "the_listener_verifies_tokens_when_asked" {
  command = plan
  variables {
    jwt = { issuer = "https://cognito-idp.eu-central-1.amazonaws.com/p", jwks_url = "https://cognito-idp.eu-central-1.amazonaws.com/p/.well-known/jwks.json" }
  }

  assert {
    condition = keys(aws_lb_listener_rule.verified) == ["agent", "conversations"] && alltrue([for name, rule in aws_lb_listener_rule.verified :
      rule.action[0].type == "jwt-validation" && rule.action[0].order == 1 && rule.action[0].jwt_validation[0].issuer == var.jwt.issuer && rule.action[0].jwt_validation[0].jwks_endpoint == var.jwt.jwks_url &&
      rule.action[1].type == "forward" && rule.action[1].order == 2 && rule.action[1].target_group_arn == aws_lb_target_group.this[var.routes[name].function].arn
    ])
    error_message = "each rule must verify the token, then forward"
  }
  assert {
    condition     = keys(aws_lb_listener_rule.open) == ["health"]
    error_message = "health must need no token"
  }
  assert {
    condition = keys(aws_lb_listener_rule.preflight) == ["agent", "conversations"] && alltrue([for name, rule in aws_lb_listener_rule.preflight :
      rule.priority < aws_lb_listener_rule.verified[name].priority && length(rule.action) == 1 && rule.action[0].type == "forward" &&
      flatten([for c in rule.condition : [for m in c.http_request_method : tolist(m.values)]]) == ["OPTIONS"]
    ])
    error_message = "OPTIONS must need no token"
  }
}

run "local_cloud_serves_http" {
  command = plan
  variables {
    local           = true
    certificate_arn = null
  }

  assert {
    condition     = aws_lb_listener.serving.port == 80 && aws_lb_listener.serving.protocol == "HTTP" && length(aws_lb_listener.redirect) == 0
    error_message = "the listener must serve HTTP"
  }
  assert {
    condition     = output.base_url == "http://openclaw-test-1.eu-central-1.elb.amazonaws.com"
    error_message = "the base URL must be http"
  }
}

run "base_url_names_the_domain" {
  command = plan
  variables { domain_name = "ai.example.org" }

  assert {
    condition     = output.base_url == "https://ai.example.org"
    error_message = "the base URL must have the name that the certificate is for"
  }
}

run "wrong_values" {
  command = plan
  variables {
    certificate_arn = null
    idle_timeout_s  = 89
    routes          = { x = { priority = 1, paths = ["/x"], function = "x" } }
    jwt             = { issuer = "http://x", jwks_url = "https://x" }
    subnet_ids      = ["subnet-a"]
    name            = "internal-x"
  }
  expect_failures = [var.certificate_arn, var.idle_timeout_s, var.routes, var.jwt, var.subnet_ids, var.name]
}

run "health_must_exist_and_http_cannot_verify" {
  command = plan
  variables {
    functions = { agent = { arn = "arn:aws:lambda:eu-central-1:111122223333:function:openclaw-test-agent:live", function_name = "openclaw-test-agent", alias = "live" } }
    jwt       = { issuer = "https://x", jwks_url = "https://x" }
    local     = true
  }
  expect_failures = [var.functions, var.jwt]
}

run "shared_priority_is_refused" {
  command = plan
  variables {
    routes = {
      a = { priority = 1, paths = ["/a"], function = "agent" }
      b = { priority = 1, paths = ["/b"], function = "agent" }
    }
  }
  expect_failures = [var.routes]
}

run "priority_is_bounded" {
  command = plan
  variables { routes = { a = { priority = 1000, paths = ["/a"], function = "agent" } } }
  expect_failures = [var.routes]
}

run "over_ipv6_when_asked" {
  command = plan
  variables { ipv6 = true }

  assert {
    condition     = aws_lb.this.ip_address_type == "dualstack"
    error_message = "the load balancer must have IPv6 addresses"
  }
}

run "internal_when_asked" {
  command = plan
  variables { internal = true }

  assert {
    condition     = aws_lb.this.internal
    error_message = "the load balancer must have private addresses only"
  }
}

run "port_80_redirects_when_asked" {
  command = plan
  variables { redirect_http = true }

  assert {
    condition = (
      aws_lb_listener.redirect[0].port == 80 && aws_lb_listener.redirect[0].protocol == "HTTP" && aws_lb_listener.redirect[0].default_action[0].type == "redirect" &&
      aws_lb_listener.redirect[0].default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.redirect[0].default_action[0].redirect[0].port == "443" &&
      aws_lb_listener.redirect[0].default_action[0].redirect[0].status_code == "HTTP_301"
    )
    error_message = "port 80 must only redirect"
  }
}
