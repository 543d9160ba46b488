# Network ACLs are stateless: the answer to a permitted request needs a rule of its own, for the port that the requesting
# side chose. Clients, NAT gateways and Lambda choose from 1024-65535, so answers may enter there. The security groups,
# which are stateful, decide who may open a connection. DNS, time and the metadata service have link-local addresses, which
# network ACLs do not filter.

locals {
  any4 = "0.0.0.0/0"
  any6 = "::/0"
  own4 = aws_vpc.this.cidr_block
  own6 = aws_vpc.this.ipv6_cidr_block

  # Who opens connections to the private subnets. Security groups decide who of them may.
  clients4 = var.internal_load_balancer ? local.any4 : local.own4
  clients6 = var.internal_load_balancer ? local.any6 : local.own6

  acl_rules = merge(var.redirect_http ? {
    # HTTP is only redirected.
    http = { acl = var.internal_load_balancer ? "private" : "public", egress = false, number = 90, from = 80, to = 80, ipv4 = local.any4, ipv6 = local.any6 }
    } : {}, {
    # HTTPS comes from clients, and from private hosts on the way to a NAT gateway.
    public-in-https = { acl = "public", egress = false, number = 110, from = 443, to = 443, ipv4 = local.any4, ipv6 = local.any6 }
    # Return traffic of connections that the NAT gateways and the load balancer opened.
    public-in-answers = { acl = "public", egress = false, number = 120, from = 1024, to = 65535, ipv4 = local.any4, ipv6 = local.any6 }
    public-out-https  = { acl = "public", egress = true, number = 100, from = 443, to = 443, ipv4 = local.any4, ipv6 = local.any6 }
    # Return traffic to clients and, through NAT, to private hosts.
    public-out-answers = { acl = "public", egress = true, number = 110, from = 1024, to = 65535, ipv4 = local.any4, ipv6 = local.any6 }

    # Interface endpoints in the other zones' subnets, and clients of an internal load balancer.
    private-in-https = { acl = "private", egress = false, number = 100, from = 443, to = 443, ipv4 = local.clients4, ipv6 = local.clients6 }
    # Return traffic. The Ollama host's port is in the same range, and only the functions' group may open it.
    private-in-answers = { acl = "private", egress = false, number = 110, from = 1024, to = 65535, ipv4 = local.any4, ipv6 = local.any6 }
    private-out-https  = { acl = "private", egress = true, number = 100, from = 443, to = 443, ipv4 = local.any4, ipv6 = local.any6 }
    # Return traffic between zones, and functions to the Ollama host. Private hosts answer nobody outside the VPC, except an
    # internal load balancer.
    private-out-answers = { acl = "private", egress = true, number = 110, from = 1024, to = 65535, ipv4 = local.clients4, ipv6 = local.clients6 }
  })

  acl_ids = { public = aws_network_acl.public.id, private = aws_network_acl.private.id }

  # "Packet too big" must pass, or large packets are lost on paths with a small MTU.
  path_mtu_rules = {
    for key in setproduct(keys(local.acl_ids), ["in", "out"]) : join("-", key) => { acl = key[0], egress = key[1] == "out" }
  }
}

resource "aws_network_acl" "public" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.public[*].id

  tags = { Name = "${var.name}-public" }
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = aws_subnet.private[*].id

  tags = { Name = "${var.name}-private" }
}

resource "aws_network_acl_rule" "ipv4" {
  #checkov:skip=CKV_AWS_231: 3389 is one of the ports to which answers return; no security group admits a connection to it
  for_each = local.acl_rules

  network_acl_id = local.acl_ids[each.value.acl]
  egress         = each.value.egress
  rule_number    = each.value.number
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = each.value.ipv4
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl_rule" "ipv6" {
  #checkov:skip=CKV_AWS_231: 3389 is one of the ports to which answers return; no security group admits a connection to it
  for_each = local.acl_rules

  network_acl_id  = local.acl_ids[each.value.acl]
  egress          = each.value.egress
  rule_number     = each.value.number + 1
  rule_action     = "allow"
  protocol        = "tcp"
  ipv6_cidr_block = each.value.ipv6
  from_port       = each.value.from
  to_port         = each.value.to
}

resource "aws_network_acl_rule" "path_mtu_ipv4" {
  for_each = local.path_mtu_rules

  network_acl_id = local.acl_ids[each.value.acl]
  egress         = each.value.egress
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "icmp"
  icmp_type      = 3 # destination unreachable: fragmentation needed
  icmp_code      = 4
  cidr_block     = local.any4
}

resource "aws_network_acl_rule" "path_mtu_ipv6" {
  for_each = local.path_mtu_rules

  network_acl_id  = local.acl_ids[each.value.acl]
  egress          = each.value.egress
  rule_number     = 201
  rule_action     = "allow"
  protocol        = "58" # ICMPv6
  icmp_type       = 2    # packet too big
  icmp_code       = -1
  ipv6_cidr_block = local.any6
}
