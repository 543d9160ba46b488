variable "name" {
  description = "Name of the deployment, such as openclaw-prod."
  type        = string
}

variable "function" {
  description = "The function: its name, and the name and ARN of the alias that is invoked."
  type        = object({ function_name = string, alias_name = string, alias_arn = string })
}

variable "stream_arn" {
  description = "ARN of the stream of the table of new entries."
  type        = string
}
