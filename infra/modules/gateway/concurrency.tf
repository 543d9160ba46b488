# How many invocations each function may have at once. Without a reserve one function can take the account's whole quota, and with
# it every other function of the account.

locals {
  # For the functions that a caller keeps busy: together with agent, stream serves more than a tenant's 256 runs; authorizer and
  # websocket answer in milliseconds. Two environments fit into the usual quota of 1000, and 200 remain for what has no reserve.
  usual_reserves = { agent = 150, authorizer = 50, stream = 150, websocket = 50 }

  # Lambda refuses a reserve that leaves less than 100 without one. New accounts may have a quota of 10, and so no reserve at all.
  reservable       = var.account_concurrency_limit - 100
  default_reserves = { for function, reserve in local.usual_reserves : function => reserve if sum(values(local.usual_reserves)) <= local.reservable }

  reserved_concurrency = sum([for size in local.sizes : max(0, size.reserved_concurrency)])
}
