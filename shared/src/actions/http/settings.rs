//! The keys of an action of type `http`, and the request that they describe.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderName, Method};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::headers::{Header, HeaderText, is_sendable};
use super::url_template::UrlTemplate;
use super::{Filled, is_bodiless};
use crate::actions::egress::{AddressPolicy, is_loopback, is_reserved_header};
use crate::actions::settings;
use crate::agent::{FUNCTIONS, Parameters, Template, TemplatedValue, check_call_name};
use crate::config::{ActionRights, SettingFault};
use crate::domain::{PrivateNetwork, SecretTemplate, Timestamp};

pub(super) const KEYS: &[&str] = &["body", "headers", "method", "private", "query", "response", "url"];

/// What is allowed in place of a host that must not be called.
const REACHABLE: &str = "https://, and a host outside the network, or one that `private` opens";

/// What is allowed in place of the machine itself.
const OTHER_MACHINE: &str = "https://, and another host than the machine itself; with OPENCLAW_LOCAL=1, as on the local cloud, \
                             also a loopback address such as http://127.0.0.1:8080/";

/// The names that the template of a response reads.
const OF_RESPONSE: [&str; 3] = ["body", "headers", "status"];

/// The keys of an action of type `http`.
#[derive(Deserialize, JsonSchema, derive_more::Debug)]
#[serde(deny_unknown_fields)]
pub(in crate::actions) struct Settings {
    /// Of `http`: GET, HEAD, POST, PUT, PATCH or DELETE. Default GET.
    #[serde(default)]
    method: Option<String>,
    /// Of `http`: the address; required. Scheme, host and port are fixed; `{{ … }}` in the path is one segment. https only, but
    /// for a loopback address where the local cloud runs.
    url: String,
    /// Of `http`: headers. A value may hold templates or secrets, but not both. Default none.
    #[serde(default)]
    #[debug("[{} headers]", headers.len())]
    headers: BTreeMap<String, String>,
    /// Of `http`: parameters of the query, with templates in their values; one that is none is left out. Default none.
    #[serde(default)]
    query: BTreeMap<String, Value>,
    /// Of `http`: the JSON body, with templates in its values. Not with GET and HEAD. Default none.
    #[serde(default)]
    #[debug("{}", body.is_some())]
    body: Option<Value>,
    /// Of `http`: a template of the output, which may read `body`, `status` and `headers` of the answer. Default: the body.
    #[serde(default)]
    response: Option<Value>,
    /// Of `http`: opens one private network, which no action may call otherwise.
    #[serde(default)]
    private: Option<PrivateSection>,
}

/// The exception for one private network.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivateSection {
    /// The network, such as `10.1.2.0/24`; required. Never loopback or link-local.
    cidr: String,
    /// Who owns the target; required.
    owner: String,
    /// Who has approved the exception; required.
    approved_by: String,
    /// Why it is needed; required.
    reason: String,
    /// The last day on which it holds, such as `2027-03-31`; required.
    expires: String,
}

/// A request to be filled in.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: UrlTemplate,
    pub(super) headers: Vec<Header>,
    pub(super) query: Filled,
    pub(super) body: Option<TemplatedValue>,
    pub(super) response: Option<TemplatedValue>,
    pub(super) policy: AddressPolicy,
}

impl Request {
    /// Reads the keys of an action.
    ///
    /// # Errors
    /// Every fault.
    pub(super) fn read(
        keys: &Map<String, Value>,
        parameters: &Parameters,
        is_local: bool,
    ) -> Result<Self, Vec<SettingFault>> {
        let read: Settings = settings::read(keys, KEYS).map_err(|fault| vec![fault])?;
        let mut reader = Reader { parameters, faults: Vec::new() };
        let method = reader.method(read.method.as_deref());
        let policy = AddressPolicy { private: reader.private(read.private.as_ref()), allows_loopback: is_local };
        let url = reader.url(&read.url, &policy);
        let mut names = BTreeSet::new();
        for name in read.headers.keys().filter(|name| !names.insert(name.to_ascii_lowercase())) {
            reader.add(format!("headers.{name}"), "a header a second time", "each header once, in whatever case");
        }
        let headers = read.headers.iter().filter_map(|(name, value)| reader.header(name, value)).collect();
        let query = match reader.templated("query", &Value::Object(read.query.into_iter().collect())) {
            Some(TemplatedValue::Map(query)) => query.into_iter().collect(),
            _ => Filled::new(),
        };
        if read.body.is_some() && is_bodiless(&method) {
            reader.add("body", format!("a body of {method}"), "no body with GET and HEAD");
        }
        let body = read.body.as_ref().and_then(|body| reader.templated("body", body));
        let response = read.response.as_ref().and_then(|response| reader.response(response));
        match url {
            Some(url) if reader.faults.is_empty() => Ok(Self { method, url, headers, query, body, response, policy }),
            _ => Err(reader.faults),
        }
    }
}

struct Reader<'a> {
    parameters: &'a Parameters,
    faults: Vec<SettingFault>,
}

impl Reader<'_> {
    fn add(&mut self, path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) {
        self.faults.push(SettingFault::new(path, found, allowed));
    }

    fn method(&mut self, written: Option<&str>) -> Method {
        match written.unwrap_or("GET") {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => {
                self.add("method", "another method", "GET, HEAD, POST, PUT, PATCH, DELETE");
                Method::GET
            }
        }
    }

    fn url(&mut self, text: &str, policy: &AddressPolicy) -> Option<UrlTemplate> {
        let url = match UrlTemplate::parse(text) {
            Ok(url) => url,
            Err((found, allowed)) => {
                self.add("url", found, allowed);
                return None;
            }
        };
        let names: Vec<String> = url.templates().flat_map(|template| template.names().iter().cloned()).collect();
        for name in names {
            self.name("url", &name);
        }
        if url.sample().port() == Some(0) {
            self.add("url", "port 0", "a port from 1 to 65535");
        }
        // Expiry is judged with each call, by the clock.
        if let Err(error) = policy.check_url(url.sample(), Timestamp::from_millis(0)) {
            let allowed =
                if url.sample().host().is_some_and(|host| is_loopback(&host)) { OTHER_MACHINE } else { REACHABLE };
            self.add("url", error.to_string(), allowed);
        }
        Some(url)
    }

    fn header(&mut self, name: &str, value: &str) -> Option<Header> {
        let path = format!("headers.{name}");
        let Ok(parsed) = HeaderName::try_from(name) else {
            self.add(path, "a name that is not a header's", "letters, digits and -");
            return None;
        };
        if is_reserved_header(&parsed) || parsed == "idempotency-key" {
            self.add(path, "a header that the gateway sets", "another header");
            return None;
        }
        if !is_sendable(value) {
            self.add(
                path,
                "characters that a header cannot have",
                "visible ASCII and spaces, without a space at an end",
            );
            return None;
        }
        let value = match SecretTemplate::parse(value) {
            Ok(template) if template.references().next().is_some() => {
                if let Some(credential) = template.references().find(|reference| reference.is_of_the_role()) {
                    self.add(path, credential.to_string(), "a variable whose name does not begin with AWS_");
                    return None;
                }
                HeaderText::Secret(template)
            }
            _ => HeaderText::Filled(self.templated(&path, &Value::String(value.to_owned()))?),
        };
        Some(Header { name: parsed, value })
    }

    fn templated(&mut self, path: &str, value: &Value) -> Option<TemplatedValue> {
        match settings::templated(path, value, self.parameters) {
            Ok(templated) => Some(templated),
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    fn response(&mut self, value: &Value) -> Option<TemplatedValue> {
        let parsed = match TemplatedValue::parse(value) {
            Ok(parsed) => parsed,
            Err((path, fault)) => {
                self.add(format!("response{path}"), fault.to_string(), "a template");
                return None;
            }
        };
        let unknown = |template: &Template| {
            let mut names = template.names().iter();
            let is_known = |root: &str| OF_RESPONSE.contains(&root) || FUNCTIONS.contains(&root);
            names.find(|name| !is_known(name.split('.').next().unwrap_or_default())).cloned()
        };
        for (path, template) in parsed.templates() {
            if let Some(name) = unknown(template) {
                self.add(format!("response{path}"), format!("\"{name}\""), OF_RESPONSE.join(", "));
            }
        }
        Some(parsed)
    }

    fn name(&mut self, path: &str, name: &str) {
        if let Err(allowed) = check_call_name(name, self.parameters.names().collect::<Vec<_>>().into_iter(), &[]) {
            self.add(path, format!("\"{name}\""), allowed);
        }
    }

    fn private(&mut self, section: Option<&PrivateSection>) -> Option<PrivateNetwork> {
        let section = section?;
        let said = [("owner", &section.owner), ("approved_by", &section.approved_by), ("reason", &section.reason)];
        for (key, _) in said.into_iter().filter(|(_, text)| text.trim().is_empty()) {
            self.add(format!("private.{key}"), "nothing", "who or why, for the register of exceptions");
        }
        let network = PrivateNetwork::new(&section.cidr, &section.expires);
        network.map_err(|fault| self.add("private", "an exception that cannot be used", fault.to_string())).ok()
    }
}

/// Returns what a deployment has to grant.
pub(super) fn rights(keys: &Map<String, Value>) -> ActionRights {
    let mut rights = ActionRights::default();
    let Ok(read) = settings::read::<Settings>(keys, KEYS) else { return rights };
    let templates = read.headers.iter().map(|(name, value)| (format!("headers.{name}"), value.clone()));
    rights.templates = templates.collect();
    let Ok(url) = UrlTemplate::parse(&read.url) else { return rights };
    let Some((host, port)) = url.sample().host().zip(url.sample().port_or_known_default()) else { return rights };
    match read.private {
        Some(private) => drop(rights.private.insert(format!("{}:{port}", private.cidr))),
        // What is local needs no way out.
        None if url.sample().host().is_some_and(|host| is_loopback(&host)) => {}
        None => drop(rights.hosts.insert(format!("{host}:{port}"))),
    }
    rights
}
