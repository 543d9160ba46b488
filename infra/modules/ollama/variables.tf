variable "name" {
  description = "Prefix of every name, such as openclaw-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name is 3 to 32 of a-z, 0-9 and inner hyphens, a letter first; got ${var.name}"
  }
}

variable "environment" {
  description = "Value of the role's tag Environment."
  type        = string

  validation {
    condition     = var.environment != ""
    error_message = "environment must not be empty; got \"${var.environment}\""
  }
}

variable "vpc_id" {
  description = "The VPC in which the host's name is known."
  type        = string

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id begins with vpc-; got ${var.vpc_id}"
  }
}

variable "subnet_ids" {
  description = "Private subnets, with a way out by NAT. More than one, so that a zone without the instance type is no outage."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids names at least one subnet; got ${jsonencode(var.subnet_ids)}"
  }
}

variable "security_group_id" {
  description = "Group that admits the functions on `port` and nobody else."
  type        = string

  validation {
    condition     = startswith(var.security_group_id, "sg-")
    error_message = "security_group_id begins with sg-; got ${var.security_group_id}"
  }
}

variable "port" {
  description = "Port on which TLS is served."
  type        = number
  default     = 11434

  validation {
    condition     = var.port > 1023 && var.port < 65536 && var.port != 11500
    error_message = "port is 1024 to 65535 and not Ollama's own 11500, since the gate is not root; got ${var.port}"
  }
}

variable "instance_type" {
  description = "Instance type, x86_64 or Graviton. With an NVIDIA card (g4dn, g5, g5g, g6, g6e, g7, p4, p5 and later) the image brings its driver; without, the processor computes."
  type        = string
  default     = "g6.xlarge"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.instance_type)) && !can(regex("^(mac|g4ad|g3|p2|p3|inf|trn|dl)", var.instance_type))
    error_message = "instance_type is a type such as g6.xlarge; mac, g3, g4ad, p2, p3, inf, trn and dl have no driver here; got ${var.instance_type}"
  }
}

variable "market" {
  description = "on-demand, or spot: cheaper, and taken away at two minutes' notice."
  type        = string
  default     = "on-demand"

  validation {
    condition     = contains(["on-demand", "spot"], var.market)
    error_message = "market is on-demand or spot; got ${var.market}"
  }
}

variable "models" {
  description = "Models that the host fetches at its start, such as llama3.2:3b."
  type        = list(string)

  validation {
    condition     = length(var.models) > 0 && alltrue([for model in var.models : can(regex("^[A-Za-z0-9][A-Za-z0-9._/:-]*$", model))])
    error_message = "models names at least one model, in letters, digits, ., _, /, : and -; got ${jsonencode(var.models)}"
  }
}

variable "ollama_version" {
  description = "Release of Ollama, without v. Since 0.14 releases are .tar.zst archives."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.ollama_version))
    error_message = "ollama_version is three numbers such as 0.30.6; got ${var.ollama_version}"
  }
}

variable "ollama_sha256" {
  description = "SHA-256 of ollama-linux-amd64.tar.zst and ollama-linux-arm64.tar.zst of that release (its sha256sum.txt). Only the one of the instance type's architecture is needed."
  type = object({
    amd64 = optional(string)
    arm64 = optional(string)
  })

  validation {
    condition     = alltrue([for sum in [var.ollama_sha256.amd64, var.ollama_sha256.arm64] : sum == null ? true : can(regex("^[0-9a-f]{64}$", sum))])
    error_message = "ollama_sha256 holds sums of 64 hexadecimal digits; got ${jsonencode(var.ollama_sha256)}"
  }

  validation {
    condition     = can(regex("^([a-z]+[0-9]+g|a1\\.)", var.instance_type)) ? var.ollama_sha256.arm64 != null : var.ollama_sha256.amd64 != null
    error_message = "ollama_sha256 lacks the sum for the architecture of ${var.instance_type}; got ${jsonencode(var.ollama_sha256)}"
  }
}

variable "token_secret_arn" {
  description = "Secret with the bearer token: 32 to 256 of A-Z, a-z, 0-9, _ and -. Until it has a value the host does not serve."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:", var.token_secret_arn))
    error_message = "token_secret_arn is the ARN of a secret; got ${var.token_secret_arn}"
  }
}

variable "kms_key_arn" {
  description = "Key of the disk and of the authority's secret. Its policy must let the account's AWSServiceRoleForAutoScaling use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a KMS key; got ${var.kms_key_arn}"
  }
}

variable "logs_kms_key_arn" {
  description = "Key of the sessions' log group."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.logs_kms_key_arn))
    error_message = "logs_kms_key_arn is the ARN of a KMS key; got ${var.logs_kms_key_arn}"
  }
}

variable "permissions_boundary_arn" {
  description = "What the host's role may never exceed: the bootstrap's host_boundary_arn."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy; got ${var.permissions_boundary_arn}"
  }
}

variable "volume_gb" {
  description = "Size of the disk, models included."
  type        = number
  default     = 200

  validation {
    condition     = var.volume_gb >= 60 && var.volume_gb <= 16384
    error_message = "volume_gb is 60 to 16384, since the image with drivers needs most of 60; got ${var.volume_gb}"
  }
}

variable "log_retention_days" {
  description = "Days that logs of sessions are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of CloudWatch's periods; got ${var.log_retention_days}"
  }
}

variable "snapshot_time" {
  description = "When the disk is copied every day, in UTC."
  type        = string
  default     = "03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshot_time))
    error_message = "snapshot_time is hh:mm; got ${var.snapshot_time}"
  }
}

variable "snapshots_kept" {
  description = "How many daily snapshots are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshots_kept >= 1 && var.snapshots_kept <= 365
    error_message = "snapshots_kept is 1 to 365; got ${var.snapshots_kept}"
  }
}

variable "max_lifetime_days" {
  description = "After so many days the host is replaced by one of the newest image, with its patches."
  type        = number
  default     = 30

  validation {
    condition     = var.max_lifetime_days >= 1 && var.max_lifetime_days <= 365
    error_message = "max_lifetime_days is 1 to 365; got ${var.max_lifetime_days}"
  }
}

variable "secret_recovery_days" {
  description = "Days in which the deleted secret of the authority can be restored; 0 deletes at once."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days is 0 or 7 to 30; got ${var.secret_recovery_days}"
  }
}

variable "alarm_topic_arn" {
  description = "Topic that the host's alarms publish to."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is the ARN of a topic; got ${var.alarm_topic_arn}"
  }
}

variable "alarm_thresholds" {
  description = "An alarm fires above its threshold: used memory and used disk, in percent."
  type = object({
    memory_percent = optional(number, 90)
    disk_percent   = optional(number, 85)
  })
  default = {}

  validation {
    condition     = alltrue([for percent in values(var.alarm_thresholds) : percent > 0 && percent < 100])
    error_message = "alarm_thresholds are above 0 and below 100; got ${jsonencode(var.alarm_thresholds)}"
  }
}
