# Names of the APIs beside the front door, whose own name is domain_name (variables_doors.tf). Terraform refuses checks that refer to each
# other in a circle, so each refers only to the names before it.

variable "stream_domain_name" {
  description = "Domain name of the API for streams; null: the name that AWS assigns. It needs zone_id, in which a certificate is proved and records are made, or a certificate_arn that contains the name."
  type        = string
  default     = null

  validation {
    condition     = var.stream_domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.stream_domain_name))
    error_message = "stream_domain_name must be a name such as stream.example.org; got ${coalesce(var.stream_domain_name, "null")}"
  }
  validation {
    condition     = var.stream_domain_name == null || var.certificate_arn != null || var.zone_id != null
    error_message = "stream_domain_name needs a certificate: set certificate_arn, or zone_id to have one issued; got ${coalesce(var.stream_domain_name, "null")} without either"
  }
  validation {
    condition     = var.stream_domain_name == null || var.streams
    error_message = "stream_domain_name needs streams = true; got ${coalesce(var.stream_domain_name, "null")}"
  }
  validation {
    condition     = var.stream_domain_name == null ? true : var.stream_domain_name != var.domain_name
    error_message = "stream_domain_name must differ from domain_name, because each leads to an API of its own; got ${coalesce(var.stream_domain_name, "null")}"
  }
}

variable "websocket_domain_name" {
  description = "Domain name of the WebSocket API; null: the name that AWS assigns, which stays valid in any case, because functions send frames to it. It needs the same as stream_domain_name."
  type        = string
  default     = null

  validation {
    condition     = var.websocket_domain_name == null ? true : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.websocket_domain_name))
    error_message = "websocket_domain_name must be a name such as ws.example.org; got ${coalesce(var.websocket_domain_name, "null")}"
  }
  validation {
    condition     = var.websocket_domain_name == null || var.certificate_arn != null || var.zone_id != null
    error_message = "websocket_domain_name needs a certificate: set certificate_arn, or zone_id to have one issued; got ${coalesce(var.websocket_domain_name, "null")} without either"
  }
  validation {
    condition     = var.websocket_domain_name == null || var.websocket
    error_message = "websocket_domain_name needs websocket = true; got ${coalesce(var.websocket_domain_name, "null")}"
  }
  validation {
    condition     = var.websocket_domain_name == null ? true : !contains([for name in [var.domain_name, var.stream_domain_name] : name if name != null], var.websocket_domain_name)
    error_message = "websocket_domain_name must differ from domain_name and stream_domain_name, because each leads to an API of its own; got ${coalesce(var.websocket_domain_name, "null")}"
  }
  validation {
    condition     = var.zone_id == null || length(compact([var.domain_name, var.stream_domain_name, var.websocket_domain_name])) > 0
    error_message = "domain_name, stream_domain_name or websocket_domain_name must be set when zone_id is; got zone_id = ${coalesce(var.zone_id, "null")}"
  }
}
