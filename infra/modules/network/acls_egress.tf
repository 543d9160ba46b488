# Ways out at other ports than 443: to private networks, and to hosts on the internet. Security groups decide who may use them, and
# answers return as in acls.tf.

locals {
  # To the internet, IPv4 leads through a NAT gateway in a public subnet, whose own rules cover ports from 1024 already, and IPv6
  # through the egress-only gateway.
  egress_rules = concat(
    [for out in var.egress : { acl = "private", egress = true, port = out.port, ipv4 = strcontains(out.cidr, ":") ? null : out.cidr, ipv6 = strcontains(out.cidr, ":") ? out.cidr : null } if out.cidr != null],
    flatten([for out in var.egress : concat(
      [
        { acl = "private", egress = true, port = out.port, ipv4 = local.any4, ipv6 = null },
        { acl = "private", egress = true, port = out.port, ipv4 = null, ipv6 = local.any6 },
      ],
      out.port >= 1024 ? [] : [
        { acl = "public", egress = false, port = out.port, ipv4 = local.own4, ipv6 = null },
        { acl = "public", egress = true, port = out.port, ipv4 = local.any4, ipv6 = null },
      ],
    ) if out.cidr == null]),
  )
}

resource "aws_network_acl_rule" "egress" {
  #checkov:skip=CKV_AWS_229: a port of an action's host, which no security group opens to connections from outside
  #checkov:skip=CKV_AWS_230: as CKV_AWS_229
  #checkov:skip=CKV_AWS_231: as CKV_AWS_229
  #checkov:skip=CKV_AWS_232: as CKV_AWS_229
  count = length(local.egress_rules)

  network_acl_id  = local.acl_ids[local.egress_rules[count.index].acl]
  egress          = local.egress_rules[count.index].egress
  rule_number     = 120 + count.index
  rule_action     = "allow"
  protocol        = "tcp"
  cidr_block      = local.egress_rules[count.index].ipv4
  ipv6_cidr_block = local.egress_rules[count.index].ipv6
  from_port       = local.egress_rules[count.index].port
  to_port         = local.egress_rules[count.index].port
}
