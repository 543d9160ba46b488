# openclaw.yaml: kept in Parameter Store for the functions, and read here for what follows from it, so that nothing has
# to be said twice: which models may be invoked, whether they leave the region, which secrets are read.

locals {
  configuration_text = try(file(var.config_file), "")
  config             = try(yamldecode(local.configuration_text), {})
  # Without comments, and with what the environment lays over it.
  configured_text = jsonencode([local.config, var.environment_overrides])

  # Standard parameters take 4 KB. Where a character may have several bytes, fewer go into a part.
  part_characters = length(base64encode(local.configuration_text)) > ceil(length(local.configuration_text) / 3) * 4 ? 1000 : 4000
  configuration_parts = {
    for part in range(max(1, ceil(length(local.configuration_text) / local.part_characters))) :
    part + 1 => substr(local.configuration_text, part * local.part_characters, local.part_characters)
  }
  configuration_name = "/${local.name}/config"
  configuration_arn  = "arn:${local.partition}:ssm:${local.here}:parameter${local.configuration_name}"
}

resource "aws_ssm_parameter" "configuration" {
  for_each = local.configuration_parts

  name        = "${local.configuration_name}/${each.key}"
  description = "openclaw.yaml of ${local.name}, part ${each.key} of ${length(local.configuration_parts)}"
  type        = "SecureString"
  key_id      = module.keys.data_key_arn
  value       = each.value

  lifecycle {
    precondition {
      # Four characters of base64 are three bytes.
      condition     = length(base64encode(each.value)) <= 5464
      error_message = "part ${each.key} of config_file has more than 4096 bytes; got ${length(base64encode(each.value)) * 3 / 4}"
    }
    precondition {
      condition     = length(local.refused_models) == 0
      error_message = "these Bedrock models leave ${var.region} or may do so; name each in allowed_cross_region_models if that is meant: ${join(", ", local.refused_models)}"
    }
    precondition {
      condition     = length(setsubtract(local.named_secrets, var.secrets)) == 0
      error_message = "config_file names secrets that are not in var.secrets; got ${join(", ", setsubtract(local.named_secrets, var.secrets))}"
    }
    precondition {
      # The message prints no value: it may be a key.
      condition     = alltrue([for key in local.api_keys : can(regex("^[{][{].*[}][}]$", key))])
      error_message = "each api_key in config_file must be a reference such as {{ secrets['openai/api-key'] }}, never the key itself: it would stand in the state"
    }
  }
}

# ---- Secrets and parameters that it names

locals {
  named_secrets    = toset(flatten(regexall("[{][{]\\s*secrets\\s*\\[\\s*\\\\?['\"]([^'\"#\\\\]+)", local.configured_text)))
  named_parameters = toset(flatten(regexall("[{][{]\\s*ssm\\s*\\[\\s*\\\\?['\"]([^'\"\\\\]+)", local.configured_text)))
  api_keys = compact(concat(
    [try(local.config.llm.api_key, ""), try(local.config.llm_api_key, "")],
    [for provider in values(try(local.config.providers, {})) : try(provider.api_key, "")],
  ))

  # Who reads which secret: what the configuration names, the functions that talk to providers; Ollama's token, its host.
  readers = [for function in ["agent", "agents"] : "arn:${local.partition}:iam::${local.account}:role/${local.name}-${function}"]
  secret_readers = {
    for secret in var.secrets : secret => concat(
      contains(local.named_secrets, secret) ? local.readers : [],
      secret == "ollama/token" && var.ollama != null ? ["arn:${local.partition}:iam::${local.account}:role/${local.name}-ollama"] : [],
    )
  }
  read_secret_arns = [for secret in sort(setintersection(local.named_secrets, var.secrets)) : module.secrets.arns[secret]]
}

# ---- Bedrock models that it names, and where they run

locals {
  file_llm_provider = try(coalesce(try(local.config.llm.provider, null), try(local.config.llm_provider, null)), "")
  file_llm_model    = try(coalesce(try(local.config.llm.model, null), try(local.config.llm_model, null)), "")
  llm_provider      = lookup(var.environment_overrides, "LLM_PROVIDER", local.file_llm_provider)
  # The file's model belongs to the file's provider alone.
  llm_model = lookup(var.environment_overrides, "LLM_MODEL", local.llm_provider == local.file_llm_provider ? local.file_llm_model : "")

  agents = concat(try([local.config.agent], []), try([for agent in local.config.agents : agent], []))
  named_models = concat(
    [
      { provider = local.llm_provider, model = local.llm_model },
      { provider = "bedrock", model = try(coalesce(local.config.providers.bedrock.model), "") },
    ],
    [for agent in local.agents : {
      provider = try(coalesce(agent.llm.provider), local.llm_provider)
      model    = try(coalesce(agent.llm.model), "")
    }],
    [for fallback in flatten([try(local.config.llm.fallbacks, []), [for agent in local.agents : try(agent.llm.fallbacks, [])]]) : {
      provider = try(coalesce(fallback.provider), "")
      model    = try(coalesce(fallback.model), "")
    }],
  )
  bedrock_models = toset([for named in local.named_models : named.model if named.provider == "bedrock" && named.model != ""])

  # An inference profile begins with the geography over which it spreads requests: eu., us., us-gov., apac., global.
  profile_prefix = "^([a-z]{2}|us-gov|apac|global)[.]"

  models = {
    for id in local.bedrock_models : id => {
      is_arn = startswith(id, "arn:")
      region = startswith(id, "arn:") ? try(split(":", id)[3], "") : local.region
      # The model's or profile's own name, without what stands before it in an ARN.
      name       = reverse(split("/", id))[0]
      is_profile = can(regex(local.profile_prefix, reverse(split("/", id))[0]))
      # Its name does not say to which regions it goes.
      is_opaque = strcontains(id, ":application-inference-profile/")
      allowed   = try(var.allowed_cross_region_models[id], null)
    }
  }
  refused_models = sort([
    for id, model in local.models : id
    if model.allowed == null && (model.region != local.region || model.is_profile || model.is_opaque)
  ])

  # What InvokeModel needs: the model, or the profile and the model behind it in each region to which it may go.
  model_arns = distinct(flatten([
    for id, model in local.models : concat(
      model.is_arn ? [id] : model.is_profile ? ["arn:${local.partition}:bedrock:${local.here}:inference-profile/${id}"] : ["arn:${local.partition}:bedrock:${local.region}::foundation-model/${id}"],
      [
        for region in try(sort(model.allowed.regions), []) :
        "arn:${local.partition}:bedrock:${region}::foundation-model/${model.is_profile ? replace(model.name, "/${local.profile_prefix}/", "") : model.allowed.model}"
        if model.is_profile || try(model.allowed.model != null, false)
      ],
      # AWS judges a request of a global profile also by the model without a region.
      startswith(model.name, "global.") ? ["arn:${local.partition}:bedrock:::foundation-model/${replace(model.name, "/${local.profile_prefix}/", "")}"] : [],
    )
  ]))
}
