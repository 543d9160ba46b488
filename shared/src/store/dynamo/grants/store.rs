//! The port's operations, one request each.

use async_trait::async_trait;
use aws_sdk_dynamodb::error::SdkError;

use crate::domain::{TenantId, Timestamp};
use crate::store::dynamo::attributes::{CREATED_AT, CREATED_BY, EXPIRES_AT, GRANT, HOLDER, PARTITION, REASON};
use crate::store::dynamo::failure;
use crate::store::dynamo::item::{Item, ItemReader, base_item, extend, key, required, sort_key};
use crate::store::dynamo::keys;
use crate::store::dynamo::store::DynamoStore;
use crate::store::dynamo::values::{number, text};
use crate::store::error::StoreError;
use crate::store::grants::{Grant, GrantHolder, GrantId, GrantPage, GrantStore};

#[async_trait]
impl GrantStore for DynamoStore {
    async fn put(&self, grant: &Grant) -> Result<(), StoreError> {
        let sort = keys::grant(&grant.id.to_string());
        let mut item = base_item(keys::grants(&grant.tenant), sort, grant.expires_at.seconds());
        extend(
            &mut item,
            [
                (HOLDER, text(grant.holder.as_str())),
                (GRANT, text(grant.name.as_str())),
                (REASON, text(grant.reason.as_str())),
                (CREATED_BY, text(grant.created_by.as_str())),
                (CREATED_AT, number(grant.created_at.millis())),
                (EXPIRES_AT, number(grant.expires_at.millis())),
            ],
        );
        let sent = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        sent.map(drop).map_err(|error| failure::store_error(&error))
    }

    async fn list(
        &self,
        tenant: &TenantId,
        after: Option<GrantId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<GrantPage, StoreError> {
        let start = after.map(|after| key(keys::grants(tenant), keys::grant(&after.to_string())));
        let mut grants = Vec::new();
        let mut from = start;
        loop {
            let sent = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PARTITION} = :partition"))
                .expression_attribute_values(":partition", text(keys::grants(tenant)))
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await;
            let page = sent.map_err(|error| failure::store_error(&error))?;
            for item in page.items.unwrap_or_default() {
                let grant = read(tenant, item)?;
                // By time, and not by whether the item has been deleted yet.
                if grant.expires_at > now {
                    grants.push(grant);
                }
            }
            from = page.last_evaluated_key;
            if grants.len() > limit || from.is_none() {
                break;
            }
        }
        let has_more = grants.len() > limit || from.is_some();
        grants.truncate(limit);
        let next = if has_more { grants.last().map(|last| last.id) } else { None };
        Ok(GrantPage { grants, next })
    }

    async fn delete(&self, tenant: &TenantId, id: GrantId) -> Result<(), StoreError> {
        let sent = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::grants(tenant), keys::grant(&id.to_string()))))
            .condition_expression(format!("attribute_exists({PARTITION})"))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                Err(StoreError::NotFound)
            }
            Err(error) => Err(failure::store_error(&error)),
        }
    }
}

fn read(tenant: &TenantId, item: Item) -> Result<Grant, StoreError> {
    let id = keys::grant_in(sort_key(&item)).and_then(GrantId::parse);
    let mut reader = ItemReader::new(item)?;
    let holder = required(reader.text(HOLDER)?)?;
    Ok(Grant {
        id: id.ok_or(StoreError::Corrupt("a grant has another key"))?,
        tenant: tenant.clone(),
        holder: GrantHolder::parse(&holder).ok_or(StoreError::Corrupt("the holder of a grant is unknown"))?,
        name: required(reader.text(GRANT)?)?,
        reason: required(reader.text(REASON)?)?,
        created_by: required(reader.text(CREATED_BY)?)?,
        created_at: required(reader.time(CREATED_AT)?)?,
        expires_at: required(reader.time(EXPIRES_AT)?)?,
    })
}
