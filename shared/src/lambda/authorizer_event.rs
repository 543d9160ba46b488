//! The events of a Lambda authorizer of type `REQUEST` and its policies (Amazon API Gateway Developer Guide, "Input to an API
//! Gateway Lambda authorizer" and "Output from an API Gateway Lambda authorizer").

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::http_event::{Multi, Single, header_map};

/// A request that API Gateway asks about. Without `Debug`, since it contains a token.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizerEvent {
    method_arn: String,
    http_method: String,
    headers: Option<Single>,
    multi_value_headers: Option<Multi>,
}

impl AuthorizerEvent {
    /// Returns the request's headers.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        header_map(self.headers.as_ref(), self.multi_value_headers.as_ref())
    }

    /// Returns the request's method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.http_method
    }

    /// Returns the ARN of all methods of the API's stage, or `None` if the event names no method.
    #[must_use]
    pub fn stage_arn(&self) -> Option<String> {
        // arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>
        let (api, rest) = self.method_arn.split_once('/')?;
        let (stage, _) = rest.split_once('/')?;
        Some(format!("{api}/{stage}/*"))
    }
}

/// A policy that lets a request pass. API Gateway keeps it under the token, so it is valid for all methods and paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerPolicy {
    principal_id: &'static str,
    policy_document: PolicyDocument,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

impl AuthorizerPolicy {
    /// Allows the requests to these resources.
    #[must_use]
    pub const fn allow(resource: String) -> Self {
        let statement = Statement { action: "execute-api:Invoke", effect: "Allow", resource };
        Self {
            // The function behind verifies the token itself, so it needs no name from here.
            principal_id: "caller",
            policy_document: PolicyDocument { version: "2012-10-17", statement: [statement] },
        }
    }
}
