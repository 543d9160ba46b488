//! Creates the table, for tests against the real protocol.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};

/// Creates the table that [`crate::store::DynamoStore`] uses, as the infrastructure does.
///
/// # Errors
/// A description of what failed.
pub async fn create_table(client: &Client, table: &str) -> Result<(), String> {
    let attributes = ["PK", "SK", "GSI1PK", "GSI1SK"].map(attribute).into_iter().collect::<Result<Vec<_>, _>>();
    let create = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.map_err(|error| error.to_string())?))
        .set_key_schema(Some(key_schema("PK", "SK").map_err(|error| error.to_string())?))
        .global_secondary_indexes(index().map_err(|error| error.to_string())?);
    create.send().await.map_err(|error| code("create the table", &error.into_service_error()))?;
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build();
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(expiry.map_err(|error| error.to_string())?)
        .send()
        .await
        .map_err(|error| code("set the time to live", &error.into_service_error()))?;
    Ok(())
}

fn code(what: &str, error: &impl ProvideErrorMetadata) -> String {
    format!("cannot {what}: {}", error.code().unwrap_or("no answer"))
}

fn attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![element(partition, KeyType::Hash)?, element(sort, KeyType::Range)?])
}

fn index() -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name("GSI1")
        .set_key_schema(Some(key_schema("GSI1PK", "GSI1SK")?))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
}
