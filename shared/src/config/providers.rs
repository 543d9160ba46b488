//! The rules of a provider's section: addresses, templates, numbers.

use std::path::Path;
use std::time::Duration;

use super::address::{UrlFault, checked_base_url};
use super::bounded::bounded;
use super::certificate::certificates;
use super::faults::Faults;
use super::file::ProviderSection;
use super::settings::ProviderConfig;
use crate::domain::{Provider, SecretTemplate, TemplatePart};

/// The default limit between two pieces of a streamed answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Parses a templated value. Faults never show the value itself.
pub(super) fn template(text: &str, path: &str, faults: &mut Faults) -> Option<SecretTemplate> {
    match SecretTemplate::parse(text) {
        Ok(template) if template.parts().is_empty() => {
            faults.add(path, "an empty text", "a key, or {{ secrets['name'] }}, {{ ssm['/path'] }}, {{ env['NAME'] }}");
            None
        }
        Ok(template) => {
            let Some(credential) = template.references().find(|reference| reference.is_of_the_role()) else {
                return Some(template);
            };
            faults.add(path, credential.to_string(), "a variable whose name does not begin with AWS_");
            None
        }
        Err(fault) => {
            faults.add(
                path,
                format!("a template that {fault}"),
                "{{ secrets['name'] }}, {{ secrets['name#key'] }}, {{ ssm['/path'] }}, {{ env['NAME'] }}",
            );
            None
        }
    }
}

/// Resolves a provider's section; `models` stays empty, since agents name the models. A relative path of a certificate
/// starts from `directory`.
pub(super) fn resolve(
    provider: Provider,
    section: &ProviderSection,
    inherited_key: Option<(&str, &str)>,
    directory: &Path,
    faults: &mut Faults,
) -> ProviderConfig {
    let at = |key: &str| format!("providers.{provider}.{key}");
    // The key of the provider's own section is the more specific one.
    let (key, key_path) = match (&section.api_key, inherited_key) {
        (Some(own), _) => (Some(own.as_str()), at("api_key")),
        (None, Some((key, path))) => (Some(key), path.to_owned()),
        (None, None) => (None, at("api_key")),
    };
    let headers = section.headers.iter().filter_map(|(name, value)| {
        let path = at(&format!("headers.{name}"));
        if http::HeaderName::try_from(name.as_str()).is_err() {
            faults.add_key(path, "a name that a header cannot have", "an HTTP field name (RFC 9110)");
            return None;
        }
        // A header cannot carry such a value, so every request would fail.
        if value.chars().any(|character| character.is_control() && character != '\t') {
            faults.add(path, "a value with a line break or another control character", "a field value (RFC 9110)");
            return None;
        }
        template(value, &path, faults).map(|value| (name.to_ascii_lowercase(), value))
    });
    let headers = headers.collect();
    ProviderConfig {
        base_url: section.base_url.as_deref().and_then(|text| base_url(text, &at("base_url"), faults)),
        api_key: key.and_then(|key| template(key, &key_path, faults)),
        headers,
        ca_pem: section.ca.as_deref().and_then(|ca| certificates(ca, directory, &at("ca"), faults)),
        request_timeout: millis(section.timeouts.request_ms, &at("timeouts.request_ms"), faults),
        idle_timeout: millis(section.timeouts.idle_ms, &at("timeouts.idle_ms"), faults).unwrap_or(IDLE_TIMEOUT),
        max_attempts: bounded(section.retries.max_attempts, 3, 1..=10, &at("retries.max_attempts"), faults),
        models: std::collections::BTreeSet::new(),
    }
}

fn base_url(text: &str, path: &str, faults: &mut Faults) -> Option<SecretTemplate> {
    let template = template(text, path, faults)?;
    // An address with a reference is checked once its secrets are filled in.
    if let [TemplatePart::Literal(literal)] = template.parts()
        && let Err(UrlFault(allowed)) = checked_base_url(literal)
    {
        // An address may carry a password, so it is not shown.
        faults.add(path, "another kind of address", allowed);
        return None;
    }
    Some(template)
}

fn millis(value: Option<u32>, path: &str, faults: &mut Faults) -> Option<Duration> {
    let value = value?;
    Some(Duration::from_millis(u64::from(bounded(Some(value), 1, 1..=900_000, path, faults))))
}
