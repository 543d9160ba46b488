//! `/v1/grants`: rights for a time, which administrators give within their tenant.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::conversations::in_time;
use crate::api::auditor::Auditor;
use crate::api::duration::{LONGEST_TEXT, parse_duration};
use crate::api::errors::admin_only;
use crate::api::pagination::{check_query, grant_cursor, limit, write_grant_cursor};
use crate::api::{RequestContext, invalid_request, not_found, read_object};
use crate::audit::AuditOutbox;
use crate::domain::{ADMIN_GROUP, Clock, GRANT_NAME, Random, is_grant_name};
use crate::http::{FieldFault, Problem, Reply};
use crate::store::{Grant, GrantHolder, GrantId, GrantStore};

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// What a reason is, for errors.
const REASON_TEXT: &str =
    "a text of 1 to 500 characters, without control characters, and without white space around it";

/// What the endpoints need.
pub struct GrantPorts {
    /// The grants.
    pub store: Arc<dyn GrantStore>,
    /// The audit's outbox; `None` where nothing is audited.
    pub audit: Option<Arc<dyn AuditOutbox>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub random: Arc<dyn Random>,
}

/// A grant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Grant")]
pub(in crate::api) struct GrantBody {
    id: String,
    /// `user:<sub>`, `client:<id>` or `agent:<name>`.
    principal: String,
    /// The name that policies read.
    grant: String,
    reason: String,
    /// The administrator who gave it.
    created_by: String,
    #[schemars(extend("format" = "date-time"))]
    created_at: String,
    #[schemars(extend("format" = "date-time"))]
    expires_at: String,
}

/// A page of grants.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GrantList")]
pub(in crate::api) struct GrantList {
    grants: Vec<GrantBody>,
    /// The cursor of the next page; `null` at the end.
    next_cursor: Option<String>,
}

/// A grant to be given.
#[derive(JsonSchema)]
#[schemars(rename = "GrantRequest", deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read member by member so that all faults are reported")]
pub(in crate::api) struct GrantRequest {
    /// `user:<sub>`, `client:<id>` or `agent:<name>`.
    #[schemars(regex(pattern = r"^(user|client|agent):\S+$"))]
    principal: String,
    /// The name that policies read: 1 to 64 of a-z, A-Z, 0-9, `_`, `.` and `-`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]{1,64}$"))]
    grant: String,
    /// Why it is given, without control characters, and without white space around it.
    #[schemars(
        length(min = 1, max = 500),
        regex(pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$")
    )]
    reason: String,
    /// How long it holds, as ISO 8601 has it, such as `PT4H`; at most `P7D`.
    #[schemars(regex(pattern = r"^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$"))]
    expires_in: String,
}

impl From<Grant> for GrantBody {
    fn from(grant: Grant) -> Self {
        Self {
            id: grant.id.to_string(),
            principal: grant.holder.as_str().to_owned(),
            grant: grant.name,
            reason: grant.reason,
            created_by: grant.created_by,
            created_at: grant.created_at.to_string(),
            expires_at: grant.expires_at.to_string(),
        }
    }
}

/// Answers `GET /v1/grants`: the grants of the administrator's tenant that hold now.
///
/// # Errors
/// 403 for other callers; 400 for bad parameters; 503; 504.
pub async fn list(ports: &GrantPorts, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    require_admin(&context)?;
    check_query(context.request, &["limit", "cursor"])?;
    let (limit, after) = (limit(context.request, 50, 100)?, grant_cursor(context.request)?);
    let tenant = context.principal.tenant.clone();
    let page = in_time(&mut context, ports.store.list(&tenant, after, limit, ports.clock.now())).await?;
    Reply::json(&GrantList {
        grants: page.grants.into_iter().map(GrantBody::from).collect(),
        next_cursor: page.next.map(write_grant_cursor),
    })
}

/// Answers `POST /v1/grants`: gives a grant in the administrator's tenant.
///
/// # Errors
/// 403 for other callers; 422 with every fault of the body; 503; 504.
pub async fn create(ports: &GrantPorts, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    require_admin(&context)?;
    check_query(context.request, &[])?;
    let grant = read(read_object(context.request)?, ports, &context)?;
    audit(ports, &context, ("give", Some(&grant.name)), grant.id).await?;
    in_time(&mut context, ports.store.put(&grant)).await?;
    let location = format!("/v1/grants/{}", grant.id);
    Reply::created(location, &GrantBody::from(grant))
}

/// Answers `DELETE /v1/grants/{id}`: ends a grant of the administrator's tenant.
///
/// # Errors
/// 403 for other callers; 404; 503; 504.
pub async fn delete(ports: &GrantPorts, id: &str, mut context: RequestContext<'_>) -> Result<Reply, Problem> {
    require_admin(&context)?;
    check_query(context.request, &[])?;
    let id = GrantId::parse(id).ok_or_else(|| not_found("grant"))?;
    let tenant = context.principal.tenant.clone();
    audit(ports, &context, ("end", None), id).await?;
    match in_time(&mut context, ports.store.delete(&tenant, id)).await {
        Err(problem) if problem.kind == crate::http::ProblemKind::NotFound => Err(not_found("grant")),
        deleted => deleted.map(|()| Reply::no_content()),
    }
}

/// Stores the entry of a change before it is made.
async fn audit(
    ports: &GrantPorts,
    context: &RequestContext<'_>,
    change: (&str, Option<&str>),
    id: GrantId,
) -> Result<(), Problem> {
    let Some(auditor) = Auditor::new(ports.audit.as_deref(), context)? else { return Ok(()) };
    auditor.grant(change, id, ports.clock.now(), ports.random.as_ref()).await
}

fn require_admin(context: &RequestContext<'_>) -> Result<(), Problem> {
    if context.principal.has_group(ADMIN_GROUP) { Ok(()) } else { Err(admin_only()) }
}

/// Reads the body, and reports all of its faults.
fn read(mut members: Map<String, Value>, ports: &GrantPorts, context: &RequestContext<'_>) -> Result<Grant, Problem> {
    let mut faults = Vec::new();
    let mut text = |name: &str, allowed: &str, is_good: &dyn Fn(&str) -> bool| {
        let value = members.remove(name).filter(|value| !value.is_null());
        match value.as_ref().and_then(Value::as_str) {
            Some(text) if is_good(text) => text.to_owned(),
            _ => {
                let found = if value.is_some() { "must be" } else { "is required:" };
                let fault = FieldFault { pointer: format!("/{name}"), detail: format!("{found} {allowed}") };
                faults.push(fault);
                String::new()
            }
        }
    };
    let holder =
        text("principal", "user:<sub>, client:<id> or agent:<name>", &|text| GrantHolder::parse(text).is_some());
    let name = text("grant", GRANT_NAME, &is_grant_name);
    let reason = text("reason", REASON_TEXT, &is_reason);
    let expires_in = text("expires_in", LONGEST_TEXT, &|text| parse_duration(text).is_some());
    for name in members.keys() {
        let detail = "is unknown; known are principal, grant, reason, expires_in".to_owned();
        faults.push(FieldFault { pointer: crate::api::pointer(&[name.as_str()]), detail });
    }
    let (Some(holder), Some(duration), true) =
        (GrantHolder::parse(&holder), parse_duration(&expires_in), faults.is_empty())
    else {
        return Err(invalid_request(faults));
    };
    let now = ports.clock.now();
    Ok(Grant {
        id: GrantId::new(ports.random.uuid()),
        tenant: context.principal.tenant.clone(),
        holder,
        name,
        reason,
        created_by: context.principal.user.as_str().to_owned(),
        created_at: now,
        expires_at: now.plus(duration),
    })
}

fn is_reason(text: &str) -> bool {
    (1..=MAX_REASON).contains(&text.chars().count()) && text.trim() == text && !text.contains(char::is_control)
}

/// Describes the endpoints for the API description; no function links it.
#[cfg(any(test, feature = "testing"))]
pub(in crate::api) mod description {
    use serde_json::Value;

    use super::{GrantBody, GrantList, GrantRequest};
    use crate::api::openapi::{Operation, Schemas};
    use crate::http::ProblemKind;

    /// Describes `GET /v1/grants`.
    pub(in crate::api) fn list_operation(schemas: &mut Schemas) -> Value {
        let body = schemas.of::<GrantList>();
        Operation::get("listGrants", "The grants of the administrator's tenant", &body)
            .paged(50, 100)
            .secured_problems(&[ProblemKind::InvalidParameter, ProblemKind::Forbidden])
    }

    /// Describes `POST /v1/grants`.
    pub(in crate::api) fn create_operation(schemas: &mut Schemas) -> Value {
        let (request, body) = (schemas.of::<GrantRequest>(), schemas.of::<GrantBody>());
        Operation::created("createGrant", "Gives a grant", &body).body(&request).secured_problems(&[
            ProblemKind::InvalidBody,
            ProblemKind::Forbidden,
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::InvalidRequest,
        ])
    }

    /// Describes `DELETE /v1/grants/{id}`.
    pub(in crate::api) fn delete_operation() -> Value {
        Operation::no_content("deleteGrant", "Ends a grant")
            .secured_problems(&[ProblemKind::Forbidden, ProblemKind::NotFound])
    }
}
