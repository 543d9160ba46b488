variable "tracing" {
  description = "Tracing of the functions and of the API for streams in X-Ray: Active (Lambda and API Gateway sample requests) or PassThrough (a function follows what called it)."
  type        = string
  default     = "PassThrough"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing must be Active or PassThrough; got ${var.tracing}"
  }
}
