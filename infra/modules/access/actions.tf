# What actions of agents reach: private networks for the functions that run agents alone, in a group besides that of all functions.

resource "aws_security_group" "actions" {
  #checkov:skip=CKV2_AWS_5: the function module attaches it to the functions that run agents
  count = length(var.private_egress) > 0 ? 1 : 0

  name        = "${var.name}-actions"
  description = "Functions that run agents: out to the private networks of actions"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-actions" }
}

resource "aws_vpc_security_group_egress_rule" "actions" {
  for_each = var.private_egress

  security_group_id = aws_security_group.actions[0].id
  description       = "Action: ${each.key}"
  cidr_ipv4         = strcontains(each.value.cidr, ":") ? null : each.value.cidr
  cidr_ipv6         = strcontains(each.value.cidr, ":") ? each.value.cidr : null
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# Hosts of providers and actions at another port than 443. A security group knows no names, so the whole internet is open at that port.
resource "aws_vpc_security_group_egress_rule" "functions_internet_ports" {
  for_each = var.functions_reach_internet ? { for pair in setproduct(keys(local.anywhere), var.functions_internet_ports) : "${pair[0]}-${pair[1]}" => { family = pair[0], port = tonumber(pair[1]) } } : {}

  security_group_id = aws_security_group.functions.id
  description       = "TLS to providers and actions at port ${each.value.port}"
  cidr_ipv4         = each.value.family == "ipv4" ? local.anywhere.ipv4 : null
  cidr_ipv6         = each.value.family == "ipv6" ? local.anywhere.ipv6 : null
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
