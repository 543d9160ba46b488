variable "deployers" {
  description = "Pipeline that may plan and apply deployments: the issuer of its OpenID Connect tokens, their audience, and the subjects of the jobs that may plan and of those that may apply. create_provider: false if the account already knows the issuer. null: no roles for a pipeline."
  type = object({
    issuer          = string
    audience        = optional(string, "sts.amazonaws.com")
    plan_subjects   = list(string)
    apply_subjects  = list(string)
    create_provider = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.deployers == null ? true : can(regex("^https://[a-z0-9.-]+(/[A-Za-z0-9._/-]*[A-Za-z0-9])?$", var.deployers.issuer))
    error_message = "deployers.issuer must be an https URL without a slash at its end, such as https://token.actions.githubusercontent.com; got ${try(var.deployers.issuer, "null")}"
  }
  validation {
    condition = var.deployers == null ? true : alltrue([
      for subjects in [var.deployers.plan_subjects, var.deployers.apply_subjects] : length(subjects) > 0 && alltrue([for subject in subjects : can(regex("^[^*?[:space:]]+$", subject))])
    ])
    error_message = "plan_subjects and apply_subjects in deployers must be whole subjects without wildcards, such as repo:example/openclaw:environment:prod; got ${jsonencode(try([var.deployers.plan_subjects, var.deployers.apply_subjects], null))}"
  }
  validation {
    condition     = var.deployers == null ? true : trimspace(var.deployers.audience) != ""
    error_message = "deployers.audience must not be empty; got ${jsonencode(try(var.deployers.audience, null))}"
  }
}
