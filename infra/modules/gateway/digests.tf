# The key of the digests by which log lines name a caller, so that the lines of one person can be joined without their saying who
# it is. Terraform creates the secret empty, so that its value is in no plan and no state; an operator fills it once.

locals {
  digest_secret = "digest-key"

  # health knows no caller.
  names_callers = [for function in ["agent", "agents", "conversations", "stream", "websocket"] : function if contains(keys(local.functions), function)]

  digest_environment = { OPENCLAW_DIGEST_SECRET = "${module.secrets.name_prefix}${local.digest_secret}" }

  reads_digest_key = [{
    sid       = "ReadDigestKey"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [module.secrets.arns[local.digest_secret]]
  }]
}
