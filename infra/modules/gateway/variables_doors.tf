# What is open: which ports the front door has, and which APIs stand beside it.

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
