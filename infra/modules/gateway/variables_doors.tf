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
