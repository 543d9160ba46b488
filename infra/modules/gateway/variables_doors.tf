# Which APIs stand beside the front door.

variable "streams" {
  description = "Whether the gateway serves streams over HTTP, with a REST API of its own that AWS makes reachable from the internet. With false the front door still answers the path of a stream, in one piece. Without streams and WebSockets the front door is the only one."
  type        = bool
  default     = true
  nullable    = false
}
