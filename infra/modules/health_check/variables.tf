variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "url" {
  description = "URL that answers without a token while the API is alive."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that limits the role: the bootstrap's service_boundary_arn."
  type        = string
}
