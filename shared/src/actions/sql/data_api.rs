//! The RDS Data API's requests and responses (RDS Data API Reference).

use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::parameter::SqlParameter;
use crate::actions::ActionError;
use crate::aws::{AwsClient, AwsRequest};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The largest answer that is read. An output has at most 1 MiB, of which JSON within JSON may be several times as long.
const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

/// The database that is asked, as every request names it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    /// The cluster.
    pub(super) resource_arn: String,
    /// The credentials.
    pub(super) secret_arn: String,
    /// The name of the database.
    pub(super) database: String,
}

/// A statement to be executed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Execute<'a> {
    #[serde(flatten)]
    target: &'a Target,
    sql: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parameters: &'a [SqlParameter],
    #[serde(skip_serializing_if = "Option::is_none")]
    format_records_as: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndTransaction<'a> {
    resource_arn: &'a str,
    secret_arn: &'a str,
    transaction_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    transaction_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Executed {
    formatted_records: Option<String>,
}

#[derive(Deserialize)]
struct Nothing {}

/// The Data API of one database.
pub(super) struct DataApi {
    pub(super) client: AwsClient,
    pub(super) target: Target,
}

impl DataApi {
    /// Begins a transaction and returns its id.
    pub(super) async fn begin(&self) -> Result<String, ActionError> {
        let begun: Begun = self.post("BeginTransaction", &self.target).await?;
        Ok(begun.transaction_id)
    }

    /// Makes a transaction one that only reads.
    pub(super) async fn make_read_only(&self, transaction: &str) -> Result<(), ActionError> {
        let (sql, transaction_id) = ("SET TRANSACTION READ ONLY", Some(transaction));
        let request = Execute { target: &self.target, sql, parameters: &[], format_records_as: None, transaction_id };
        self.post("Execute", &request).await.map(|Nothing {}| ())
    }

    /// Executes a statement and returns its rows as JSON text.
    pub(super) async fn query(
        &self,
        sql: &str,
        parameters: &[SqlParameter],
        transaction_id: Option<&str>,
    ) -> Result<String, ActionError> {
        let format_records_as = Some("JSON");
        let request = Execute { target: &self.target, sql, parameters, format_records_as, transaction_id };
        let executed: Executed = self.post("Execute", &request).await?;
        executed.formatted_records.ok_or(ActionError::Malformed("it has no rows"))
    }

    /// Ends a transaction without a trace.
    pub(super) async fn roll_back(&self, transaction: &str) -> Result<(), ActionError> {
        let Target { resource_arn, secret_arn, .. } = &self.target;
        let request = EndTransaction { resource_arn, secret_arn, transaction_id: transaction };
        self.post("RollbackTransaction", &request).await.map(|Nothing {}| ())
    }

    async fn post<T: DeserializeOwned>(&self, operation: &str, body: &impl Serialize) -> Result<T, ActionError> {
        let body = serde_json::to_vec(body).map_err(|_error| ActionError::Internal("the request cannot be written"))?;
        let request = AwsRequest::post(&[operation], body)
            .with_header(CONTENT_TYPE, JSON)
            .with_max_response_bytes(MAX_RESPONSE_BYTES);
        let response = self.client.send(&request).await.and_then(|response| response.json());
        response.map_err(|error| ActionError::from_aws(&error))
    }
}
