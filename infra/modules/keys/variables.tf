variable "name" {
  description = "The deployment's name, such as openclaw-prod; it starts the keys' aliases."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 of a-z, 0-9 and -, start with a letter and not end with -; got ${var.name}"
  }
}

variable "encrypts_disks" {
  description = "Whether the data key also encrypts the disks of instances that an Auto Scaling group starts (the Ollama host's)."
  type        = bool
  default     = false
}

variable "rotation_days" {
  description = "Days between two rotations of the key material (90 to 2560)."
  type        = number
  default     = 365

  validation {
    condition     = var.rotation_days >= 90 && var.rotation_days <= 2560 && floor(var.rotation_days) == var.rotation_days
    error_message = "rotation_days must be a whole number from 90 to 2560; got ${var.rotation_days}"
  }
}

variable "deletion_window_days" {
  description = "Days between the order to delete a key and its deletion, in which it can be taken back (7 to 30)."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30 && floor(var.deletion_window_days) == var.deletion_window_days
    error_message = "deletion_window_days must be a whole number from 7 to 30; got ${var.deletion_window_days}"
  }
}
