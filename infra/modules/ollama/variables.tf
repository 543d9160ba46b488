variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string
}

variable "environment" {
  description = "Name of the environment, such as prod, with which the role is tagged."
  type        = string
}

variable "vpc_id" {
  description = "Id of the VPC in which the host's name resolves."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of private subnets that reach the internet through NAT. With more than one, a zone without the instance type is not an outage."
  type        = list(string)
}

variable "security_group_id" {
  description = "Id of the security group that admits only the functions, on `port`."
  type        = string
}

variable "port" {
  description = "Port on which the host serves TLS."
  type        = number

  validation {
    condition     = var.port > 1023 && var.port < 65536 && var.port != 11500
    error_message = "port must be 1024 to 65535, because the gate does not run as root, and not 11500, which Ollama itself uses; got ${var.port}"
  }
}

variable "instance_type" {
  description = "Instance type, x86_64 or Graviton. For an NVIDIA card (g4dn, g5, g5g, g6, g6e, g7, p4, p5 and later) the image contains the driver; without a card the processor runs the models."
  type        = string
  default     = "g6.xlarge"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type)) && !can(regex("^(mac|g4ad|g3|p2|p3|inf|trn|dl)", var.instance_type))
    error_message = "instance_type must be a type such as g6.xlarge, and not of mac, g3, g4ad, p2, p3, inf, trn or dl, for which the image has no driver; got ${var.instance_type}"
  }
}

variable "market" {
  description = "Purchase option: on-demand, or spot, which costs less and can be terminated with two minutes' notice."
  type        = string
  default     = "on-demand"

  validation {
    condition     = contains(["on-demand", "spot"], var.market)
    error_message = "market must be on-demand or spot; got ${var.market}"
  }
}

variable "models" {
  description = "Models that the host downloads when it starts, such as llama3.2:3b."
  type        = list(string)

  validation {
    condition     = length(var.models) > 0 && alltrue([for model in var.models : can(regex("^[A-Za-z0-9][A-Za-z0-9._/:-]*$", model))])
    error_message = "models must contain a model, and names of letters, digits, ., _, /, : and -; got ${jsonencode(var.models)}"
  }
}

variable "ollama_version" {
  description = "Release of Ollama, without v, from 0.14 on, because older releases are not .tar.zst archives."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.ollama_version))
    error_message = "ollama_version must be three numbers such as 0.30.6; got ${var.ollama_version}"
  }
}

variable "ollama_sha256" {
  description = "SHA-256 of ollama-linux-amd64.tar.zst and ollama-linux-arm64.tar.zst of that release, from its sha256sum.txt. Only the instance type's architecture is needed."
  type = object({
    amd64 = optional(string)
    arm64 = optional(string)
  })

  validation {
    condition     = alltrue([for sum in [var.ollama_sha256.amd64, var.ollama_sha256.arm64] : sum == null ? true : can(regex("^[0-9a-f]{64}$", sum))])
    error_message = "ollama_sha256 must contain sums of 64 hexadecimal digits; got ${jsonencode(var.ollama_sha256)}"
  }

  validation {
    condition     = can(regex("^([a-z]+[0-9]+g|a1\\.)", var.instance_type)) ? var.ollama_sha256.arm64 != null : var.ollama_sha256.amd64 != null
    error_message = "ollama_sha256 must contain the sum for the architecture of ${var.instance_type}; got ${jsonencode(var.ollama_sha256)}"
  }
}

variable "token_secret_arn" {
  description = "ARN of the secret with the bearer token: 32 to 256 characters of A-Z, a-z, 0-9, _ and -. The host does not serve until it has a value."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts the disk and the authority's secret. Its policy must let the account's AWSServiceRoleForAutoScaling use it."
  type        = string
}

variable "logs_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the sessions' log group."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that limits the host's role: the bootstrap's host_boundary_arn."
  type        = string
}

variable "service_permissions_boundary_arn" {
  description = "ARN of the policy that limits the role of the snapshots: the bootstrap's service_boundary_arn."
  type        = string
}

variable "volume_gb" {
  description = "Size of the disk in GB, including the models."
  type        = number
  default     = 200

  validation {
    condition     = var.volume_gb >= 60 && var.volume_gb <= 16384
    error_message = "volume_gb must be 60 to 16384, because the image with drivers needs most of 60; got ${var.volume_gb}"
  }
}

variable "log_retention_days" {
  description = "Days for which logs of sessions are kept."
  type        = number
}

variable "keep_log_groups" {
  description = "Whether a destroy leaves the log groups in place."
  type        = bool
  default     = true
}

variable "snapshot_time" {
  description = "Time of the daily snapshot of the disk, in UTC."
  type        = string
  default     = "03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshot_time))
    error_message = "snapshot_time must be hh:mm; got ${var.snapshot_time}"
  }
}

variable "snapshots_kept" {
  description = "Number of daily snapshots that are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshots_kept >= 1 && var.snapshots_kept <= 365
    error_message = "snapshots_kept must be 1 to 365; got ${var.snapshots_kept}"
  }
}

variable "max_lifetime_days" {
  description = "Days after which the host is replaced by one with the newest image and its patches."
  type        = number
  default     = 30

  validation {
    condition     = var.max_lifetime_days >= 1 && var.max_lifetime_days <= 365
    error_message = "max_lifetime_days must be 1 to 365; got ${var.max_lifetime_days}"
  }
}

variable "secret_recovery_days" {
  description = "Days during which the authority's deleted secret can be restored (7 to 30); 0: it is deleted at once."
  type        = number
}

variable "alarm_topic_arn" {
  description = "ARN of the topic to which the host's alarms publish."
  type        = string
}

variable "alarm_thresholds" {
  description = "Thresholds above which an alarm fires: used memory and used disk, in percent."
  type = object({
    memory_percent = optional(number, 90)
    disk_percent   = optional(number, 85)
  })
  default = {}

  validation {
    condition     = alltrue([for percent in values(var.alarm_thresholds) : percent > 0 && percent < 100])
    error_message = "alarm_thresholds must be above 0 and below 100; got ${jsonencode(var.alarm_thresholds)}"
  }
}
