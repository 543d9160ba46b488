# Warnings about the list of networks, at each plan and apply. They stop neither: an entry whose last day is over is left out of
# every rule (modules/access), so a rollback or a destroy need not wait for a new list.

locals {
  described_cidrs = {
    for state, entries in { ending = flatten(module.access[*].ending_cidrs), expired = flatten(module.access[*].expired_cidrs) } : state => join(", ", flatten([
      for list in entries : [for name, e in list : "${name} = \"${e.cidr}\" (owner ${e.owner}, last day ${e.expires})"]
    ]))
  }
}

check "allowed_cidrs" {
  assert {
    condition     = local.described_cidrs.ending == ""
    error_message = "entries of allowed_cidrs end within 7 days and are then left out of every rule; renew or remove them: ${local.described_cidrs.ending}"
  }
  assert {
    condition     = local.described_cidrs.expired == ""
    error_message = "expired entries of allowed_cidrs are left out of every rule; renew or remove them: ${local.described_cidrs.expired}"
  }
}
