variable "name" {
  description = "Name of the deployment, such as openclaw-prod; the keys' aliases begin with it."
  type        = string
}

variable "encrypts_disks" {
  description = "Whether the data key also encrypts disks of instances that an Auto Scaling group starts (the Ollama host's)."
  type        = bool
  default     = false
}

variable "deletion_window_days" {
  description = "Days between scheduling the deletion of a key and its deletion, during which it can be cancelled (7 to 30)."
  type        = number
}
