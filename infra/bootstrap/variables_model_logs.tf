variable "model_invocation_logs" {
  description = "Bedrock's own log of every call of a model in the account and region, by the gateway and by other programs: days for which it is kept, and whether it contains prompts and answers (texts). With texts, every role that may read the log group reads what people write. null: the account's setting stays as it is."
  type = object({
    retention_days = optional(number, 90)
    texts          = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.model_invocation_logs == null ? true : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.model_invocation_logs.retention_days)
    error_message = "retention_days in model_invocation_logs must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731; got ${try(var.model_invocation_logs.retention_days, "null")}"
  }
}
