# The models that the bundle names: which Bedrock models leave the region, and what invoking them needs.

locals {
  file_default = try(local.rights.default_model, { provider = null, model = null })
  llm_provider = lookup(var.environment_overrides, "LLM_PROVIDER", local.file_default.provider)
  # The file's default model belongs to the file's default provider only.
  llm_model = lookup(var.environment_overrides, "LLM_MODEL", local.llm_provider == local.file_default.provider ? local.file_default.model : null)
  overrides = local.llm_provider != local.file_default.provider || local.llm_model != local.file_default.model

  # The bundle's rights are those of the document as it is. With another default the document is looked at again: the
  # default, and each place that names a model besides it.
  agents = concat(try([local.document.agent], []), try([for agent in local.document.agents : agent], []))
  overridden_models = concat(
    [{ provider = local.llm_provider, model = local.llm_model }],
    [for name, provider in try(local.document.providers, {}) : { provider = name, model = try(provider.model, null) }],
    [for agent in local.agents : { provider = try(coalesce(agent.llm.provider), local.llm_provider), model = try(agent.llm.model, null) }],
    # What states, plans and second opinions of agents name, within the agent's own model, and actions.
    flatten([for agent in local.agents : [
      for llm in concat([for state in try(values(agent.states), []) : try(state.llm, null)], [try(agent.plan, null), try(agent.policy_check, null)]) :
      { provider = try(coalesce(llm.provider), try(coalesce(agent.llm.provider), local.llm_provider)), model = try(llm.model, null) } if llm != null
    ]]),
    [for action in try(local.document.actions, []) : { provider = try(coalesce(action.llm.provider), local.llm_provider), model = try(action.llm.model, null) } if can(action.llm)],
    [for fallback in flatten([try(local.document.llm.fallbacks, []), [for agent in local.agents : try(agent.llm.fallbacks, [])]]) : { provider = try(fallback.provider, null), model = try(fallback.model, null) }],
  )
  named_models   = concat([for named in try(local.rights.models, []) : named if !local.overrides], [for named in local.overridden_models : named if local.overrides])
  bedrock_models = toset(compact([for named in local.named_models : named.model if named.provider == "bedrock"]))

  # With a key for Bedrock the gateway does not sign its requests, and its roles need no permission there.
  signs_models = !(try(local.rights.bedrock_api_key, false) || local.llm_provider == "bedrock" && contains(keys(var.environment_overrides), "LLM_API_KEY"))
}

# ---- Where they run

locals {
  # An inference profile begins with the geography over which it distributes requests: eu., us., us-gov., apac., global.
  profile_prefix = "^([a-z]{2}|us-gov|apac|global)[.]"
  # Their names do not show to which models and regions they lead.
  opaque_kinds = ["application-inference-profile", "default-prompt-router", "prompt", "prompt-router"]

  models = {
    for id in local.bedrock_models : id => {
      is_arn = startswith(id, "arn:")
      region = startswith(id, "arn:") ? try(split(":", id)[3], "") : local.region
      # The name of the model or profile itself, without the rest of an ARN.
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

  # What InvokeModel needs: the model, or the profile and the models behind it in each region that it may use.
  model_arns = distinct(flatten([
    for id, model in local.models : concat(
      model.is_arn ? [id] : model.is_profile ? ["arn:${local.partition}:bedrock:${local.here}:inference-profile/${id}"] : ["arn:${local.partition}:bedrock:${local.region}::foundation-model/${id}"],
      [
        for pair in setproduct(
          model.is_profile || model.is_opaque ? sort(setunion([local.region], try(model.allowed.regions, []))) : [],
          model.is_profile ? [replace(model.name, "/${local.profile_prefix}/", "")] : sort(try(model.allowed.models, [])),
        ) : "arn:${local.partition}:bedrock:${pair[0]}::foundation-model/${pair[1]}"
      ],
      # AWS also checks a request of a global profile against the model without a region.
      startswith(model.name, "global.") ? ["arn:${local.partition}:bedrock:::foundation-model/${replace(model.name, "/${local.profile_prefix}/", "")}"] : [],
    )
  ]))
}

# ---- Guardrails of Bedrock, which agents name by id or ARN

locals {
  guardrails     = sort(try(local.rights.guardrails, []))
  guardrail_arns = [for guardrail in local.guardrails : startswith(guardrail, "arn:") ? guardrail : "arn:${local.partition}:bedrock:${local.here}:guardrail/${guardrail}"]

  # Bedrock checks a guardrail in the account and region of the request only.
  refused_guardrails = [
    for guardrail in local.guardrails : guardrail
    if !can(regex("^[a-z0-9]+$", guardrail)) && !can(regex("^arn:${local.partition}:bedrock:${local.here}:guardrail/[a-z0-9]+$", guardrail))
  ]
}

# ---- Which providers are on the internet

locals {
  # All but Bedrock, which has an endpoint in the VPC, and Ollama, whose host is there; these two where base_url is set. Actions may
  # call the internet as well.
  used_providers   = toset(compact(local.named_models[*].provider))
  reaches_internet = anytrue([for provider in local.used_providers : contains(["anthropic", "openai"], provider) || can(local.document.providers[provider].base_url)]) || local.actions_reach_internet
}
