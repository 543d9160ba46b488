# Who can reach the gateway. modules/access checks the entries.

variable "allowed_cidrs" {
  description = "Networks that can reach the load balancer and the APIs for streams and WebSockets beside it: at most 40, each with owner, who approved it, reason and last day (YYYY-MM-DD, at most 365 days ahead). After its last day (UTC) an entry is left out of every rule. None by default. With an HTTP API everybody can reach all of them and needs a token."
  type        = map(object({ cidr = string, owner = string, approved_by = string, reason = string, expires = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = var.front_door == "alb" || length(var.allowed_cidrs) == 0
    error_message = "allowed_cidrs must be empty unless front_door is alb, because an HTTP API cannot restrict addresses; got ${join(", ", keys(var.allowed_cidrs))} with ${var.front_door}"
  }
}

variable "allow_internet" {
  description = "Whether allowed_cidrs may contain 0.0.0.0/0 and ::/0."
  type        = bool
  default     = false
  nullable    = false
}
