//! Builds the clients of models from the configuration.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use secrecy::ExposeSecret;
use url::Url;

use super::{AppContext, KnownModels, StartError};
use crate::agent::{AgentDefinition, ModelChoice, NoSchemaChecks};
use crate::aws::https_client;
use crate::config::{Config, ModelRules, ProviderConfig, checked_base_url};
use crate::domain::{Guardrail, ModelId, ModelRef, Provider};
use crate::llm::anthropic::AnthropicClient;
use crate::llm::bedrock::{BedrockAccess, BedrockClient, BedrockSettings};
use crate::llm::ollama::OllamaClient;
use crate::llm::openai::OpenAiClient;
use crate::llm::{Fallback, HttpContext, LLMClient, ListModels, ProviderSettings, RetryPolicy, Retrying};
use crate::runner::RunModels;

/// Lambda's own limit; the request's deadline is shorter.
const LONGEST_REQUEST: Duration = Duration::from_mins(15);

/// Builds clients; those of one provider share its HTTP client and settings.
pub(super) struct ModelFactory<'a> {
    config: &'a Config,
    context: &'a AppContext,
    over_http: BTreeMap<Provider, (HttpContext, ProviderSettings)>,
    bedrock: Option<Arc<BedrockAccess>>,
}

/// What an agent sets for its model beyond a request.
#[derive(Default)]
struct ModelSettings {
    context_tokens: Option<u32>,
    guardrail: Option<Guardrail>,
}

impl<'a> ModelFactory<'a> {
    pub(super) const fn new(config: &'a Config, context: &'a AppContext) -> Self {
        Self { config, context, over_http: BTreeMap::new(), bedrock: None }
    }

    /// Builds the agent's models with their fallbacks.
    pub(super) async fn run_models(&mut self, agent: &AgentDefinition) -> Result<RunModels, StartError> {
        let own = self.with_fallbacks(&agent.model_choice()).await?;
        let mut states = BTreeMap::new();
        for (state, choice) in agent.graph.models() {
            states.insert(state.clone(), self.with_fallbacks(choice).await?);
        }
        let mut judges = [None, None];
        let safeguards = &agent.safeguards;
        for (judge, choice) in judges.iter_mut().zip([&safeguards.planner, &safeguards.opinion]) {
            if let Some(choice) = choice {
                *judge = Some(self.with_fallbacks(choice).await?);
            }
        }
        let [planner, opinion] = judges;
        Ok(RunModels::new(own, states).with_judges(planner, opinion))
    }

    /// Builds a model with its fallbacks.
    pub(super) async fn with_fallbacks(&mut self, choice: &ModelChoice) -> Result<Fallback, StartError> {
        let ModelChoice { model, fallbacks, guardrail, context_tokens } = choice;
        let models = u32::try_from(fallbacks.len()).unwrap_or(u32::MAX).saturating_add(1);
        // Each model but the last leaves time for the next.
        let share = Some(self.context.environment.front_door_limit()? / models);
        let last = fallbacks.len().checked_sub(1);
        // Without fallbacks the only model may use all of the time.
        let own = ModelSettings { context_tokens: *context_tokens, guardrail: guardrail.clone() };
        let first = self.retrying(model, own, share.filter(|_| last.is_some())).await?;
        let mut others = Vec::with_capacity(fallbacks.len());
        for (index, model) in fallbacks.iter().enumerate() {
            // The configured context is about the first model only.
            let settings = ModelSettings { context_tokens: None, guardrail: guardrail.clone() };
            others.push(self.retrying(model, settings, share.filter(|_| Some(index) != last)).await?);
        }
        Ok(Fallback::new(first, others))
    }

    /// Builds what lists the provider's models.
    pub(super) async fn models_of(&mut self, provider: Provider) -> Result<Arc<dyn ListModels>, StartError> {
        // A provider is configured only if an agent uses a model of it. Which one does not matter to a list.
        let model = self.config.providers.get(&provider).and_then(|config| config.models.first().cloned());
        self.client(&ModelRef { provider, model: model.unwrap_or_else(|| ModelId::new("")) }, ModelSettings::default())
            .await
    }

    /// Builds a client with retries. `share` is the time of one attempt where the configuration sets none.
    async fn retrying(
        &mut self,
        model: &ModelRef,
        settings: ModelSettings,
        share: Option<Duration>,
    ) -> Result<Retrying, StartError> {
        let config = self.config.providers.get(&model.provider);
        let max_attempts = config.map_or(1, |config| config.max_attempts);
        // A configured time-out is enforced by the client, so the attempt needs no share of the deadline.
        let attempt_timeout = share.filter(|_| config.is_none_or(|config| config.request_timeout.is_none()));
        let policy = RetryPolicy { max_attempts, attempt_timeout, ..RetryPolicy::default() };
        Ok(Retrying::new(self.client(model, settings).await?, policy, Arc::clone(&self.context.random)))
    }

    async fn client<C: FromClient>(&mut self, model: &ModelRef, settings: ModelSettings) -> Result<C, StartError> {
        let ModelSettings { context_tokens, guardrail } = settings;
        let ModelRef { provider, model } = model.clone();
        let config = self.config.providers.get(&provider).ok_or_else(|| refused(provider, &"it is not configured"))?;
        if provider == Provider::Bedrock {
            let access = Arc::clone(self.bedrock.get_or_insert_with(|| bedrock_access(config, self.context)));
            let client = BedrockClient::new(access, model).map_err(|fault| refused(provider, &fault))?;
            return Ok(C::from_client(client.with_guardrail(guardrail)));
        }
        // Two look-ups, because an entry cannot be held across the await.
        if !self.over_http.contains_key(&provider) {
            let connected = connect(provider, config, self.context).await?;
            self.over_http.insert(provider, connected);
        }
        let (context, settings) =
            self.over_http.get(&provider).ok_or_else(|| refused(provider, &"it is not configured"))?;
        let client = match provider {
            Provider::Anthropic => C::from_client(
                AnthropicClient::new(context, settings, model).map_err(|fault| refused(provider, &fault))?,
            ),
            Provider::OpenAi => {
                C::from_client(OpenAiClient::new(context, settings, model).map_err(|fault| refused(provider, &fault))?)
            }
            Provider::Ollama => C::from_client(
                OllamaClient::new(context, settings, model, context_tokens)
                    .map_err(|fault| refused(provider, &fault))?,
            ),
            Provider::Bedrock => return Err(refused(provider, &"it is called through the AWS SDK")),
        };
        Ok(client)
    }
}

/// What a client is needed as. A trait object links all methods of its trait, so a function asks for the smallest.
trait FromClient {
    fn from_client(client: impl LLMClient + 'static) -> Self;
}

impl FromClient for Arc<dyn LLMClient> {
    fn from_client(client: impl LLMClient + 'static) -> Self {
        Arc::new(client)
    }
}

impl FromClient for Arc<dyn ListModels> {
    fn from_client(client: impl LLMClient + 'static) -> Self {
        Arc::new(client)
    }
}

fn refused(provider: Provider, why: &dyn std::fmt::Display) -> StartError {
    StartError::Provider { provider, why: why.to_string() }
}

fn bedrock_access(config: &ProviderConfig, context: &AppContext) -> Arc<BedrockAccess> {
    let settings = BedrockSettings {
        api_key: config.api_key.clone(),
        request_timeout: config.request_timeout.unwrap_or(LONGEST_REQUEST),
        idle_timeout: config.idle_timeout,
    };
    Arc::new(BedrockAccess::new(context.aws.clone(), Arc::clone(&context.resolver), settings))
}

/// Builds the HTTP client and settings of a provider.
async fn connect(
    provider: Provider,
    config: &ProviderConfig,
    context: &AppContext,
) -> Result<(HttpContext, ProviderSettings), StartError> {
    let mut settings = ProviderSettings::new(base_url(provider, config, context).await?);
    settings.api_key.clone_from(&config.api_key);
    settings.request_timeout = config.request_timeout.unwrap_or(LONGEST_REQUEST);
    settings.idle_timeout = config.idle_timeout;
    for (name, value) in &config.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|fault| refused(provider, &fault))?;
        settings.headers.push((name, value.clone()));
    }
    let client = match &config.ca_pem {
        // Only this provider's client trusts its certificate authority.
        Some(pem) => https_client(Some(pem.as_bytes()))?,
        None => context.https.clone(),
    };
    Ok((HttpContext { client, resolver: Arc::clone(&context.resolver), clock: Arc::clone(&context.clock) }, settings))
}

async fn base_url(provider: Provider, config: &ProviderConfig, context: &AppContext) -> Result<Url, StartError> {
    let text = match &config.base_url {
        Some(template) => {
            // Resolved once: another address needs another start, or a new version of the configuration.
            let resolved =
                context.resolver.resolve(template).await.map_err(|source| StartError::Secret { provider, source })?;
            resolved.expose_secret().to_owned()
        }
        None => match KnownModels(NoSchemaChecks).default_base_url(provider) {
            Some(url) => url.to_owned(),
            None => return Err(refused(provider, &"it is called through the AWS SDK")),
        },
    };
    // Checked again, now that its secrets are filled in.
    checked_base_url(&text).map_err(|fault| StartError::BaseUrl { provider, fault })
}
