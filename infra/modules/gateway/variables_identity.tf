variable "existing_user_pool" {
  description = "User pool to use instead of one of our own, of any region: its id, the id of the people's client, those of machine clients by the names that openclaw.yaml uses under authentication.clients, and the URL of its sign-in pages if it has any. Groups `tenant:…`, clients and people are its owner's. The scope openclaw/invoke is not needed."
  type = object({
    id                 = string
    client_id          = string
    machine_client_ids = optional(map(string), {})
    domain_url         = optional(string)
  })
  default = null

  validation {
    condition     = (var.existing_user_pool == null) != (var.identity == null)
    error_message = "either identity or existing_user_pool must be set, and not both; got existing_user_pool = ${jsonencode(var.existing_user_pool)}"
  }
  validation {
    condition     = var.existing_user_pool == null ? true : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]_[A-Za-z0-9]+$", var.existing_user_pool.id))
    error_message = "existing_user_pool.id must be an id such as eu-central-1_AbCdEfGhI; got ${try(var.existing_user_pool.id, "null")}"
  }
  validation {
    condition     = var.existing_user_pool == null ? true : can(regex("^[a-z0-9]{1,128}$", var.existing_user_pool.client_id)) && alltrue([for id in values(var.existing_user_pool.machine_client_ids) : can(regex("^[a-z0-9]{26}$", id))])
    error_message = "ids of clients in existing_user_pool must be of a-z and 0-9, those of machine clients with 26 characters; got ${jsonencode(var.existing_user_pool)}"
  }
  validation {
    condition     = try(var.existing_user_pool.domain_url, null) == null ? true : can(regex("^https://[^/]+$", var.existing_user_pool.domain_url))
    error_message = "existing_user_pool.domain_url must be an https URL without a path; got ${jsonencode(try(var.existing_user_pool.domain_url, null))}"
  }
}
