# The configuration bundle: what follows from its rights, what is refused, and how Parameter Store keeps it.

locals {
  bundle   = try(jsondecode(file(var.config_bundle)), {})
  rights   = try(local.bundle.rights, {})
  document = try(local.bundle.document, {})

  # Overrides are not part of the bundle, and may contain references of their own.
  overrides_text      = jsonencode(var.environment_overrides)
  override_secrets    = flatten(regexall("[{][{]\\s*secrets\\s*\\[\\s*\\\\?['\"]([^'\"#\\\\]+)", local.overrides_text))
  override_parameters = flatten(regexall("[{][{]\\s*ssm\\s*\\[\\s*\\\\?['\"]([^'\"\\\\]+)", local.overrides_text))
  named_secrets       = setunion(try(local.rights.secrets, []), local.override_secrets)
  named_parameters    = setunion(try(local.rights.parameters, []), local.override_parameters)

  # Those that no provider uses. agents calls providers and no action.
  action_secrets    = setsubtract(try(local.rights.action_secrets, []), local.override_secrets)
  action_parameters = setsubtract(try(local.rights.action_parameters, []), local.override_parameters)

  # The roles that read a secret: those of the functions that call providers or actions, if the configuration names it, and the
  # Ollama host's for its token.
  readers = { for function in ["agent", "agents", "stream"] : function => "arn:${local.partition}:iam::${local.account}:role/${local.name}-${function}" if contains(keys(local.functions), function) }
  secret_readers = merge(
    {
      for secret in var.secrets : secret => concat(
        [for function, arn in local.readers : arn if contains(local.named_secrets, secret) && !(function == "agents" && contains(local.action_secrets, secret))],
        secret == "ollama/token" && var.ollama != null ? ["arn:${local.partition}:iam::${local.account}:role/${local.name}-ollama"] : [],
      )
    },
    { (local.digest_secret) = [for function in local.names_callers : "arn:${local.partition}:iam::${local.account}:role/${local.name}-${function}"] },
  )
  read_secrets = sort(setintersection(local.named_secrets, var.secrets))
}

# ---- What is refused, all at once

locals {
  clients   = try(local.rights.clients, [])
  base_urls = compact([for provider in try(values(local.document.providers), []) : try(provider.base_url, "")])

  # By reason. No value here may be a key, because the values are printed.
  refused = merge(local.refused_actions, {
    "secrets that are not in var.secrets" = setsubtract(local.named_secrets, var.secrets)

    # An environment must not read anything of another one.
    "parameters outside /${local.name}/" = [for name in local.named_parameters : name if !startswith(name, "/${local.name}/")]

    "keys themselves instead of references such as {{ secrets['openai/api-key'] }}, which would be stored in Terraform's state" = try(local.rights.literal_keys, [])

    # The host only, because an address may contain a password.
    "a base_url of AWS in another region than ${local.region}" = [
      for host in flatten(regexall("[a-z0-9.-]*[.][a-z]{2,4}(?:-[a-z]+)+-[0-9][.]amazonaws[.]com", join(" ", local.base_urls))) : host if !strcontains(host, ".${local.region}.")
    ]

    # Cognito's ids have 26 characters. Anything else was meant as a name.
    "authentication.clients that are neither names of machine clients (identity or existing_user_pool) nor ids" = [
      for client in local.clients : client if !contains(local.machine_client_names, client) && !can(regex("^[a-z0-9]{26}$", client))
    ]

    "Bedrock models that leave ${local.region} or may do so; if that is intended, add each to allowed_cross_region_models" = local.refused_models

    "guardrails that are neither ids nor ARNs of ${local.here}" = local.refused_guardrails

    "three braces in a row, which Parameter Store refuses; write a reference as {{ … }}" = strcontains(local.known_text, "{{") ? ["{{{"] : []
  })
  refusals = [for reason, values in local.refused : "${reason}: ${join(", ", values)}" if length(values) > 0]
}

# ---- How it is stored: a pointer, and the text in parts under the text's digest

locals {
  # A machine client is named in openclaw.yaml; tokens carry the id that Cognito assigns to it.
  known_clients = try({ authentication = merge(local.document.authentication, {
    clients = { for name, client in local.document.authentication.clients : lookup(local.pool.machine_client_ids, name, name) => client }
  }) }, {})
  stored_bundle = merge(local.bundle, { document = merge(local.document, local.known_clients) })

  # Parameter Store refuses two opening braces in a row, with which references begin. \u007b means a brace in JSON too.
  known_text  = replace(jsonencode(local.bundle), "{{", "\\u007b{")
  filled_text = replace(jsonencode(local.stored_bundle), "{{", "\\u007b{")

  # A plan must know how many parts there are, and the first plan does not know the clients' ids. So the text is padded with
  # spaces, which JSON ignores, to a length that is known beforehand.
  text_length = length(local.known_text) + 26 * length(local.clients)
  stored_text = "{${format("%${local.text_length - length(local.filled_text)}s", "")}${substr(local.filled_text, 1, -1)}"
  digest      = sha256(local.stored_text)

  # A standard parameter has at most 4096 bytes, so parts have fewer characters if these may have several bytes.
  part_characters = length(base64encode(local.known_text)) > ceil(length(local.known_text) / 3) * 4 ? 1000 : 4000
  part_count      = ceil(local.text_length / local.part_characters)

  configuration_name = "/${local.name}/config"
  configuration_arn  = "arn:${local.partition}:ssm:${local.here}:parameter${local.configuration_name}"
}

resource "aws_ssm_parameter" "configuration_part" {
  for_each = { for part in range(local.part_count) : part + 1 => part }

  name        = "${local.configuration_name}/${local.digest}/${each.key}"
  description = "Configuration bundle of ${local.name}, part ${each.key} of ${local.part_count}"
  type        = "SecureString"
  key_id      = module.keys.data_key_arn
  value       = substr(local.stored_text, each.value * local.part_characters, local.part_characters)

  lifecycle {
    # A new text has new parts. The old ones are deleted only when the pointer no longer leads to them.
    create_before_destroy = true

    precondition {
      # Four characters of base64 are three bytes.
      condition     = length(base64encode(substr(local.stored_text, each.value * local.part_characters, local.part_characters))) <= 5464
      error_message = "part ${each.key} of config_bundle exceeds the 4096 bytes of a parameter, because many of its characters have more than four bytes, as combined emoji do"
    }
  }
}

resource "aws_ssm_parameter" "configuration" {
  name        = local.configuration_name
  description = "Pointer to the configuration bundle of ${local.name}: the number of its parts, and the digest in their names"
  type        = "SecureString"
  key_id      = module.keys.data_key_arn
  value       = jsonencode({ parts = local.part_count, sha256 = local.digest })

  # Switched when every new part is there.
  depends_on = [aws_ssm_parameter.configuration_part]

  lifecycle {
    precondition {
      condition     = length(local.refusals) == 0
      error_message = "config_bundle is refused, because it contains:\n- ${join("\n- ", local.refusals)}"
    }
    precondition {
      condition     = local.reserved_concurrency <= max(0, local.reservable)
      error_message = "reserved_concurrency in function_settings must leave 100 of account_concurrency_limit = ${var.account_concurrency_limit} to functions without a reserve; got ${jsonencode({ for key, size in local.sizes : key => size.reserved_concurrency })}"
    }
    precondition {
      # Here instead of a validation, because a destroy does not evaluate preconditions.
      condition     = local.no_waf != "expired"
      error_message = "accept_no_waf has expired: renew it, or use a front door with a firewall; got ${jsonencode(var.accept_no_waf)}"
    }
  }
}
