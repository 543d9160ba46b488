# Who may connect to what. DNS needs no rule, because security groups do not filter the traffic of the VPC's own resolver.

data "aws_region" "current" {}

locals {
  region = data.aws_region.current.region

  # EC2 accepts only these characters in a description.
  allowed_descriptions = {
    for name, e in local.open_cidrs : name => substr(replace(
      "${name}: ${e.owner}, approved by ${e.approved_by}, ${e.reason}, until ${e.expires}", "/[^a-zA-Z0-9. _:\\/()#,@\\[\\]+=&;{}!$*-]/", "-"
    ), 0, 255)
  }

  # One rule per entry and port.
  load_balancer_ingress = var.load_balancer ? merge([
    for name, e in local.open_cidrs : {
      for port in var.redirect_http ? [80, 443] : [443] : "${name}-${port}" => { name = name, cidr = e.cidr, port = port, ipv6 = strcontains(e.cidr, ":") }
    }
  ]...) : {}

  # In a VPC that exists already the endpoints are its owner's, with security groups of their own.
  endpoints_count = var.endpoint_cidrs == null ? 1 : 0

  # The whole internet, with a rule for each address family.
  anywhere = { ipv4 = "0.0.0.0/0", ipv6 = "::/0" }

  prefix_lists = {
    s3       = data.aws_ec2_managed_prefix_list.s3.id
    dynamodb = data.aws_ec2_managed_prefix_list.dynamodb.id
  }
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${local.region}.s3"
}

data "aws_ec2_managed_prefix_list" "dynamodb" {
  name = "com.amazonaws.${local.region}.dynamodb"
}

# ---- Load balancer

resource "aws_security_group" "load_balancer" {
  #checkov:skip=CKV2_AWS_5: the edge module attaches it to the load balancer
  count = var.load_balancer ? 1 : 0

  name        = "${var.name}-load-balancer"
  description = "Load balancer: HTTP (redirect only) and HTTPS from allowed_cidrs"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-load-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.load_balancer_ingress

  security_group_id = aws_security_group.load_balancer[0].id
  description       = local.allowed_descriptions[each.value.name]
  cidr_ipv4         = each.value.ipv6 ? null : each.value.cidr
  cidr_ipv6         = each.value.ipv6 ? each.value.cidr : null
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# The load balancer opens connections for the key set only, because functions are invoked through Lambda's API.
resource "aws_vpc_security_group_egress_rule" "load_balancer_key_set" {
  for_each = var.load_balancer && var.load_balancer_reaches_internet ? local.anywhere : {}

  security_group_id = aws_security_group.load_balancer[0].id
  description       = "HTTPS to the key set of the user pool"
  cidr_ipv4         = each.key == "ipv4" ? each.value : null
  cidr_ipv6         = each.key == "ipv6" ? each.value : null
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# ---- Functions: no ingress, because Lambda does not reach them through the VPC

resource "aws_security_group" "functions" {
  #checkov:skip=CKV2_AWS_5: the function module attaches it to the functions in the VPC
  name        = "${var.name}-functions"
  description = "Functions in the VPC: out to named destinations only"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-functions" }
}

resource "aws_vpc_security_group_egress_rule" "functions_endpoints" {
  count = local.endpoints_count

  security_group_id            = aws_security_group.functions.id
  description                  = "HTTPS to the interface endpoints"
  referenced_security_group_id = aws_security_group.endpoints[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "functions_vpc" {
  for_each = toset(coalesce(var.endpoint_cidrs, []))

  security_group_id = aws_security_group.functions.id
  description       = "HTTPS to the interface endpoints of the VPC"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "functions_prefix_lists" {
  for_each = local.prefix_lists

  security_group_id = aws_security_group.functions.id
  description       = "HTTPS to ${each.key} through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "functions_internet" {
  for_each = var.functions_reach_internet ? local.anywhere : {}

  security_group_id = aws_security_group.functions.id
  description       = "HTTPS to the key set of the user pool and to model providers outside AWS"
  cidr_ipv4         = each.key == "ipv4" ? each.value : null
  cidr_ipv6         = each.key == "ipv6" ? each.value : null
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "functions_ollama" {
  count = var.create_ollama_group ? 1 : 0

  security_group_id            = aws_security_group.functions.id
  description                  = "TLS to the Ollama host"
  referenced_security_group_id = aws_security_group.ollama[0].id
  ip_protocol                  = "tcp"
  from_port                    = var.ollama_port
  to_port                      = var.ollama_port
}

# ---- Interface endpoints: no egress, because they only answer

resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5: the network module attaches it to the interface endpoints
  count = local.endpoints_count

  name        = "${var.name}-endpoints"
  description = "Interface endpoints: HTTPS from the functions and the Ollama host"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = local.endpoints_count == 0 ? {} : merge(
    { functions = aws_security_group.functions.id },
    var.create_ollama_group ? { ollama = aws_security_group.ollama[0].id } : {},
  )

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "HTTPS from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# ---- Ollama host

resource "aws_security_group" "ollama" {
  #checkov:skip=CKV2_AWS_5: the ollama module attaches it to the host
  count = var.create_ollama_group ? 1 : 0

  name        = "${var.name}-ollama"
  description = "Ollama host: TLS from the functions only"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-ollama" }
}

resource "aws_vpc_security_group_ingress_rule" "ollama_functions" {
  count = var.create_ollama_group ? 1 : 0

  security_group_id            = aws_security_group.ollama[0].id
  description                  = "TLS from the functions"
  referenced_security_group_id = aws_security_group.functions.id
  ip_protocol                  = "tcp"
  from_port                    = var.ollama_port
  to_port                      = var.ollama_port
}

resource "aws_vpc_security_group_egress_rule" "ollama_endpoints" {
  count = var.create_ollama_group ? local.endpoints_count : 0

  security_group_id            = aws_security_group.ollama[0].id
  description                  = "HTTPS to the interface endpoints"
  referenced_security_group_id = aws_security_group.endpoints[0].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "ollama_vpc" {
  for_each = var.create_ollama_group ? toset(coalesce(var.endpoint_cidrs, [])) : toset([])

  security_group_id = aws_security_group.ollama[0].id
  description       = "HTTPS to the interface endpoints of the VPC"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "ollama_s3" {
  count = var.create_ollama_group ? 1 : 0

  security_group_id = aws_security_group.ollama[0].id
  description       = "HTTPS to the package repositories of Amazon Linux, which are S3 buckets"
  prefix_list_id    = local.prefix_lists.s3
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "ollama_internet" {
  for_each = var.create_ollama_group ? local.anywhere : {}

  security_group_id = aws_security_group.ollama[0].id
  description       = "HTTPS to the model registry, the release download and Session Manager"
  cidr_ipv4         = each.key == "ipv4" ? each.value : null
  cidr_ipv6         = each.key == "ipv6" ? each.value : null
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
