# Whose tokens are accepted: those of our user pool (module identity, in main.tf), or of one that exists already.

locals {
  # Ids begin with the region.
  existing_pool_region = try(split("_", var.existing_user_pool.id)[0], "")
  existing_issuer      = "https://cognito-idp.${local.existing_pool_region}.${data.aws_partition.current.dns_suffix}/${try(var.existing_user_pool.id, "")}"

  # By attribute, because a plan knows some of ours only after the apply.
  pool = {
    user_pool_id       = var.identity != null ? module.identity[0].user_pool_id : try(var.existing_user_pool.id, null)
    client_id          = var.identity != null ? module.identity[0].client_id : try(var.existing_user_pool.client_id, null)
    machine_client_ids = { for name in local.machine_client_names : name => var.identity != null ? module.identity[0].machine_client_ids[name] : var.existing_user_pool.machine_client_ids[name] }
    issuer             = var.identity != null ? module.identity[0].issuer : local.existing_issuer
    jwks_url           = var.identity != null ? module.identity[0].jwks_url : "${local.existing_issuer}/.well-known/jwks.json"
    domain_url         = var.identity != null ? module.identity[0].domain_url : try(var.existing_user_pool.domain_url, null)
  }

  protects_sign_in = try(coalesce(var.identity.firewall, var.front_door == "alb" && var.waf), false)

  machine_client_names = var.identity != null ? keys(var.identity.machine_clients) : try(keys(var.existing_user_pool.machine_client_ids), [])

  # AWS serves the key set of a pool with a domain on the internet only.
  pool_has_domain = var.identity != null ? var.identity.domain_prefix != null : try(var.existing_user_pool.domain_url, null) != null
}
