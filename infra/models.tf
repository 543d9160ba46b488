# The Bedrock models that openclaw.yaml names: whether they leave the region, and what invoking them needs.

locals {
  file_llm_provider = try(coalesce(try(local.config.llm.provider, null), try(local.config.llm_provider, null)), "")
  file_llm_model    = try(coalesce(try(local.config.llm.model, null), try(local.config.llm_model, null)), "")
  llm_provider      = lookup(var.environment_overrides, "LLM_PROVIDER", local.file_llm_provider)
  # The file's model belongs to the file's provider alone.
  llm_model = lookup(var.environment_overrides, "LLM_MODEL", local.llm_provider == local.file_llm_provider ? local.file_llm_model : "")

  agents    = concat(try([local.config.agent], []), try([for agent in local.config.agents : agent], []))
  fallbacks = flatten([try(local.config.llm.fallbacks, []), [for agent in local.agents : try(agent.llm.fallbacks, [])]])
  named_models = concat(
    [{ provider = local.llm_provider, model = local.llm_model }],
    [for name, provider in try(local.config.providers, {}) : { provider = name, model = try(coalesce(provider.model), "") }],
    [for agent in local.agents : { provider = try(coalesce(agent.llm.provider), local.llm_provider), model = try(coalesce(agent.llm.model), "") }],
    [for fallback in local.fallbacks : { provider = try(coalesce(fallback.provider), ""), model = try(coalesce(fallback.model), "") }],
  )
  bedrock_models = toset([for named in local.named_models : named.model if named.provider == "bedrock" && named.model != ""])

  # With a key of its own the gateway does not sign requests to Bedrock, and its roles need no right there.
  bedrock_key  = try(coalesce(try(local.config.providers.bedrock.api_key, null), local.llm_provider == "bedrock" ? local.llm_key : null), "")
  llm_key      = lookup(var.environment_overrides, "LLM_API_KEY", try(coalesce(try(local.config.llm.api_key, null), try(local.config.llm_api_key, null)), ""))
  signs_models = local.bedrock_key == ""
}

# ---- Where they run

locals {
  # An inference profile begins with the geography over which it spreads requests: eu., us., us-gov., apac., global.
  profile_prefix = "^([a-z]{2}|us-gov|apac|global)[.]"
  # Their names do not say to which models and regions they go.
  opaque_kinds = ["application-inference-profile", "default-prompt-router", "prompt", "prompt-router"]

  models = {
    for id in local.bedrock_models : id => {
      is_arn = startswith(id, "arn:")
      region = startswith(id, "arn:") ? try(split(":", id)[3], "") : local.region
      # The model's or profile's own name, without what stands before it in an ARN.
      name       = reverse(split("/", id))[0]
      is_profile = can(regex(local.profile_prefix, reverse(split("/", id))[0]))
      is_opaque  = anytrue([for kind in local.opaque_kinds : strcontains(id, ":${kind}/")])
      allowed    = try(var.allowed_cross_region_models[id], null)
    }
  }
  refused_models = sort([
    for id, model in local.models : id
    if model.allowed == null && (model.region != local.region || model.is_profile || model.is_opaque)
  ])

  # What InvokeModel needs: the model, or the profile and what is behind it in each region to which it may go.
  model_arns = distinct(flatten([
    for id, model in local.models : concat(
      model.is_arn ? [id] : model.is_profile ? ["arn:${local.partition}:bedrock:${local.here}:inference-profile/${id}"] : ["arn:${local.partition}:bedrock:${local.region}::foundation-model/${id}"],
      [
        for pair in setproduct(
          model.is_profile || model.is_opaque ? sort(setunion([local.region], try(model.allowed.regions, []))) : [],
          model.is_profile ? [replace(model.name, "/${local.profile_prefix}/", "")] : sort(try(model.allowed.models, [])),
        ) : "arn:${local.partition}:bedrock:${pair[0]}::foundation-model/${pair[1]}"
      ],
      # AWS judges a request of a global profile also by the model without a region.
      startswith(model.name, "global.") ? ["arn:${local.partition}:bedrock:::foundation-model/${replace(model.name, "/${local.profile_prefix}/", "")}"] : [],
    )
  ]))
}

# ---- Who else is asked

locals {
  # Providers on the internet, or wherever base_url leads; Bedrock has an endpoint in the VPC and Ollama's host is there.
  asked_providers  = toset([for named in local.named_models : named.provider])
  reaches_internet = anytrue([for provider in local.asked_providers : contains(["anthropic", "openai"], provider) || can(local.config.providers[provider].base_url)])
}
