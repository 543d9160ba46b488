# Where resources of earlier releases are now, so that an upgrade keeps them.

moved {
  from = module.network[0].aws_security_group.load_balancer
  to   = module.access[0].aws_security_group.load_balancer
}

moved {
  from = module.network[0].aws_vpc_security_group_ingress_rule.load_balancer
  to   = module.access[0].aws_vpc_security_group_ingress_rule.load_balancer
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.load_balancer_key_set
  to   = module.access[0].aws_vpc_security_group_egress_rule.load_balancer_key_set
}

moved {
  from = module.network[0].aws_security_group.functions
  to   = module.access[0].aws_security_group.functions
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.functions_endpoints
  to   = module.access[0].aws_vpc_security_group_egress_rule.functions_endpoints
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.functions_prefix_lists
  to   = module.access[0].aws_vpc_security_group_egress_rule.functions_prefix_lists
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.functions_internet
  to   = module.access[0].aws_vpc_security_group_egress_rule.functions_internet
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.functions_ollama
  to   = module.access[0].aws_vpc_security_group_egress_rule.functions_ollama
}

moved {
  from = module.network[0].aws_security_group.endpoints
  to   = module.access[0].aws_security_group.endpoints
}

moved {
  from = module.network[0].aws_vpc_security_group_ingress_rule.endpoints
  to   = module.access[0].aws_vpc_security_group_ingress_rule.endpoints
}

moved {
  from = module.network[0].aws_security_group.ollama
  to   = module.access[0].aws_security_group.ollama
}

moved {
  from = module.network[0].aws_vpc_security_group_ingress_rule.ollama_functions
  to   = module.access[0].aws_vpc_security_group_ingress_rule.ollama_functions
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.ollama_endpoints
  to   = module.access[0].aws_vpc_security_group_egress_rule.ollama_endpoints
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.ollama_s3
  to   = module.access[0].aws_vpc_security_group_egress_rule.ollama_s3
}

moved {
  from = module.network[0].aws_vpc_security_group_egress_rule.ollama_internet
  to   = module.access[0].aws_vpc_security_group_egress_rule.ollama_internet
}
