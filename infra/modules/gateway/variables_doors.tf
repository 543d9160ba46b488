# The front door: what it is, which ports are open, which APIs stand beside it, and its name.

variable "streams" {
  description = "Whether the gateway serves streams over HTTP, with a REST API of its own that AWS makes reachable from the internet. With false the front door still answers the path of a stream, in one piece. Without streams and WebSockets the front door is the only one."
  type        = bool
  default     = true
  nullable    = false
}

variable "redirect_http" {
  description = "Whether port 80 of the load balancer is open to allowed_cidrs (then at most 30) and redirects to HTTPS. By default it is closed, because a client that sends a token there has sent it in the clear."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.redirect_http || var.front_door == "alb"
    error_message = "redirect_http needs front_door = \"alb\", because the APIs of API Gateway have no port 80; got ${var.redirect_http} with ${var.front_door}"
  }
}

variable "internal" {
  description = "Whether the load balancer has private addresses only, in the private subnets, for clients in networks that are connected to the VPC. The APIs for streams and WebSockets are on the internet, so streams and websocket must then be false."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.internal || var.front_door == "alb"
    error_message = "internal needs front_door = \"alb\", because an HTTP API is on the internet; got ${var.internal} with ${var.front_door}"
  }
  validation {
    condition     = !var.internal || !var.streams && !var.websocket
    error_message = "internal needs streams = false and websocket = false, because their APIs are on the internet; got ${var.internal} with streams = ${var.streams}, websocket = ${var.websocket}"
  }
  validation {
    condition     = !(var.internal && var.nat_gateways == "none" && local.verifies_tokens)
    error_message = "internal with nat_gateways = \"none\" needs verify_tokens_at_front_door = false, because the load balancer reads the key set through a NAT gateway; got ${var.internal}"
  }
}

variable "front_door" {
  description = "What receives requests: alb (a load balancer with a firewall) or apigateway (an HTTP API without fixed cost, whose requests end at 30 s)."
  type        = string
  default     = "alb"
  nullable    = false

  validation {
    condition     = contains(["alb", "apigateway"], var.front_door)
    error_message = "front_door must be alb or apigateway; got ${var.front_door}"
  }
}

variable "websocket" {
  description = "Whether the gateway serves WebSockets, with an API and a function of their own. No firewall can protect that API; its function checks each client against allowed_cidrs."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain_name" {
  description = "Domain name of the front door; null: the name that AWS assigns."
  type        = string
  default     = null

  validation {
    condition     = var.domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a name such as gateway.example.org; got ${coalesce(var.domain_name, "null")}"
  }
  validation {
    condition     = var.domain_name != null || var.certificate_arn != null || var.zone_id == null || var.front_door != "alb"
    error_message = "domain_name must be set when zone_id is, because front_door = \"alb\" needs a certificate; got zone_id = ${coalesce(var.zone_id, "null")}"
  }
  validation {
    condition     = var.domain_name == null || var.certificate_arn != null || var.zone_id != null
    error_message = "domain_name needs a certificate: set certificate_arn, or zone_id to have one issued; got ${coalesce(var.domain_name, "null")} without either"
  }
}

variable "zone_id" {
  description = "Id of the public Route 53 zone of domain_name, stream_domain_name and websocket_domain_name, which receives their records and the proof for their certificates."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null ? true : can(regex("^Z[A-Z0-9]{1,31}$", var.zone_id))
    error_message = "zone_id must be the id of a zone such as Z0123456789ABCDEFGHIJ; got ${coalesce(var.zone_id, "null")}"
  }
}

variable "certificate_arn" {
  description = "ARN of the ACM certificate of the front door, and of stream_domain_name and websocket_domain_name; null: one for each is issued in zone_id."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn != null || var.zone_id != null || var.front_door != "alb" || var.local_endpoint_url != null
    error_message = "front_door = \"alb\" needs certificate_arn, or domain_name with zone_id; got certificate_arn = null, zone_id = null"
  }
  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of an ACM certificate; got ${coalesce(var.certificate_arn, "null")}"
  }
}

variable "verify_tokens_at_front_door" {
  description = "Whether the load balancer or the HTTP API verifies tokens before it invokes a function, which verifies them again. It refuses a bad token without a problem document. null: true, but false on the local cloud."
  type        = bool
  default     = null
}

variable "idle_timeout_s" {
  description = "Seconds that the load balancer waits for an answer; at least the longest timeout of the functions behind it, of which stream is not one."
  type        = number
  default     = 120
  nullable    = false

  validation {
    # The functions' deadline is 5 s earlier.
    condition     = var.idle_timeout_s >= 10 && var.idle_timeout_s <= 4000 && floor(var.idle_timeout_s) == var.idle_timeout_s
    error_message = "idle_timeout_s must be a whole number from 10 to 4000; got ${var.idle_timeout_s}"
  }
}

variable "waf" {
  description = "Whether a web application firewall protects the load balancer and the API for streams beside it."
  type        = bool
  default     = true
  nullable    = false
}

variable "rate_limit_per_ip" {
  description = "Requests that one address may send through a firewall in five minutes, to the front door and to the user pool."
  type        = number
  default     = 2000
  nullable    = false

  validation {
    condition     = var.rate_limit_per_ip >= 10 && var.rate_limit_per_ip <= 2000000000 && floor(var.rate_limit_per_ip) == var.rate_limit_per_ip
    error_message = "rate_limit_per_ip must be a whole number from 10 to 2000000000; got ${var.rate_limit_per_ip}"
  }
}

variable "throttling" {
  description = "Requests per second that the HTTP API and the API for streams each accept over all clients, and connections and messages that the WebSocket API accepts: a steady rate, and the burst above it."
  type        = object({ rate = number, burst = number })
  default     = { rate = 100, burst = 200 }
  nullable    = false

  validation {
    # A rate of 0 would refuse everything. AWS lowers a rate above the account's limit.
    condition     = var.throttling.rate >= 1 && var.throttling.burst >= var.throttling.rate && floor(var.throttling.burst) == var.throttling.burst
    error_message = "throttling must have a rate of at least 1 and a whole burst of at least the rate; got ${jsonencode(var.throttling)}"
  }
}
