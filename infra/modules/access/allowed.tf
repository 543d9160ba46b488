# Which networks can reach the gateway today. An entry is valid until the end of its last day (UTC). After that it is left out
# of every rule, so time alone never makes a plan fail: a rollback and a destroy work as before.

locals {
  # plantimestamp() instead of timestamp(), which a plan does not know yet: it could not decide which rules exist, and every
  # plan would show a change. The time of a saved plan is stored in it, so that an apply does what the plan shows.
  today = plantimestamp()

  open_cidrs    = { for name, e in var.allowed_cidrs : name => e if timecmp("${e.expires}T23:59:59Z", local.today) >= 0 }
  expired_cidrs = { for name, e in var.allowed_cidrs : name => e if !contains(keys(local.open_cidrs), name) }
  ending_cidrs  = { for name, e in local.open_cidrs : name => e if timecmp("${e.expires}T23:59:59Z", timeadd(local.today, "168h")) < 0 }
}
