# openclaw.yaml: kept in Parameter Store for the functions, and read here for what follows from it, so that nothing has
# to be said twice: which secrets are read, and (models.tf) which models may be invoked.

locals {
  configuration_text = try(file(var.config_file), "")
  config             = try(yamldecode(local.configuration_text), {})
  # With what the environment lays over it.
  configured_text = jsonencode([local.config, var.environment_overrides])

  configuration_name = "/${local.name}/config"
  configuration_arn  = "arn:${local.partition}:ssm:${local.here}:parameter${local.configuration_name}"
}

# ---- What is stored: the same document, in the JSON that is YAML too

locals {
  # A machine client stands in the file by its name; tokens carry the id that Cognito has given it.
  clients = try(keys(local.config.authentication.clients), [])
  known_clients = try({ authentication = merge(local.config.authentication, {
    clients = { for name, client in local.config.authentication.clients : lookup(module.identity.machine_client_ids, name, name) => client }
  }) }, {})

  # Parameter Store refuses two opening braces in a row, which is how references begin; \u007b is a brace as well.
  stored_text = replace(jsonencode(merge(local.config, local.known_clients)), "{{", "\\u007b{")

  # Standard parameters take 4 KB. Where a character may have several bytes, fewer go into a part. How many parts there
  # are is known before the clients' ids are, so room is left for these; the last part may turn out to be blank.
  known_text       = replace(jsonencode(local.config), "{{", "\\u007b{")
  part_characters  = length(base64encode(local.known_text)) > ceil(length(local.known_text) / 3) * 4 ? 1000 : 4000
  room_for_clients = 26 * length(local.clients)
  configuration_parts = {
    for part in range(ceil((length(local.known_text) + local.room_for_clients) / local.part_characters)) :
    part + 1 => substr(local.stored_text, part * local.part_characters, local.part_characters)
  }
}

resource "aws_ssm_parameter" "configuration" {
  for_each = local.configuration_parts

  name        = "${local.configuration_name}/${each.key}"
  description = "openclaw.yaml of ${local.name}, part ${each.key} of ${length(local.configuration_parts)}"
  type        = "SecureString"
  key_id      = module.keys.data_key_arn
  value       = coalesce(each.value, " ")

  lifecycle {
    precondition {
      # Four characters of base64 are three bytes.
      condition     = length(base64encode(each.value)) <= 5464
      error_message = "part ${each.key} of config_file has more than 4096 bytes; got ${length(base64encode(each.value)) * 3 / 4}"
    }
    precondition {
      condition     = !strcontains(local.known_text, "{{")
      error_message = "config_file has three braces in a row, which Parameter Store refuses; write a reference as {{ … }}"
    }
    precondition {
      condition     = length(setsubtract(local.named_secrets, var.secrets)) == 0
      error_message = "config_file names secrets that are not in var.secrets; got ${join(", ", setsubtract(local.named_secrets, var.secrets))}"
    }
    precondition {
      # One environment reads nothing of another's.
      condition     = alltrue([for name in local.named_parameters : startswith(name, "/${local.name}/")])
      error_message = "config_file names parameters outside /${local.name}/; got ${join(", ", local.named_parameters)}"
    }
    precondition {
      # The message prints no value: it may be a key.
      condition     = alltrue([for value in local.confidential : can(regex("^([A-Za-z]+ )?[{][{][^{}]*[}][}]$", value))])
      error_message = "each api_key in config_file, and each header that carries one, must be a reference such as {{ secrets['openai/api-key'] }}, never the key itself: it would stand in the state"
    }
    precondition {
      condition     = !anytrue([for url in local.base_urls : can(regex("^[a-z]+://[^/]*@", url))])
      error_message = "no base_url in config_file may hold a user or a password: it would stand in the state"
    }
    precondition {
      condition     = length(local.foreign_base_urls) == 0
      error_message = "these base_urls lead to AWS in another region than ${var.region}; got ${join(", ", local.foreign_base_urls)}"
    }
    precondition {
      # Cognito's ids have 26 characters; anything else was meant as a name.
      condition     = alltrue([for client in local.clients : contains(keys(var.identity.machine_clients), client) || can(regex("^[a-z0-9]{26}$", client))])
      error_message = "authentication.clients in config_file holds names of identity.machine_clients, or ids; got ${join(", ", local.clients)}"
    }
    precondition {
      condition     = length(local.refused_models) == 0
      error_message = "these Bedrock models leave ${var.region} or may do so; name each in allowed_cross_region_models if that is meant: ${join(", ", local.refused_models)}"
    }
  }
}

# ---- Secrets and parameters that it names

locals {
  named_secrets    = toset(flatten(regexall("[{][{]\\s*secrets\\s*\\[\\s*\\\\?['\"]([^'\"#\\\\]+)", local.configured_text)))
  named_parameters = toset(flatten(regexall("[{][{]\\s*ssm\\s*\\[\\s*\\\\?['\"]([^'\"\\\\]+)", local.configured_text)))

  provider_sections = try(values(local.config.providers), [])
  confidential = compact(concat(
    [try(local.config.llm.api_key, ""), try(local.config.llm_api_key, "")],
    [for provider in local.provider_sections : try(provider.api_key, "")],
    [for agent in local.agents : try(agent.llm.api_key, "")],
    flatten([for provider in local.provider_sections : [
      for name, value in try(provider.headers, {}) : value
      if can(regex("(?i)auth|cookie|key|pass|secret|token", name)) || can(regex("(?i)^(basic|bearer) ", value))
    ]]),
  ))

  base_urls         = compact([for provider in local.provider_sections : try(provider.base_url, "")])
  foreign_base_urls = [for url in local.base_urls : url if can(regex("[.][a-z]{2,4}(-[a-z]+)+-[0-9][.]amazonaws[.]com", url)) && !strcontains(url, ".${local.region}.")]

  # Who reads which secret: what the configuration names, the functions that talk to providers; Ollama's token, its host.
  readers = [for function in ["agent", "agents", "stream"] : "arn:${local.partition}:iam::${local.account}:role/${local.name}-${function}"]
  secret_readers = {
    for secret in var.secrets : secret => concat(
      contains(local.named_secrets, secret) ? local.readers : [],
      secret == "ollama/token" && var.ollama != null ? ["arn:${local.partition}:iam::${local.account}:role/${local.name}-ollama"] : [],
    )
  }
  read_secret_arns = [for secret in sort(setintersection(local.named_secrets, var.secrets)) : module.secrets.arns[secret]]
}
