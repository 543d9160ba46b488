//! The AWS services that the gateway calls, and their addresses.

/// An AWS service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AwsService {
    /// Amazon API Gateway's `@connections` API. Each WebSocket API has an address of its own.
    ApiGatewayConnections,
    /// Amazon Bedrock's control plane: lists of models.
    Bedrock,
    /// Amazon Bedrock's runtime: model calls.
    BedrockRuntime,
    /// Amazon DynamoDB.
    DynamoDb,
    /// AWS Lambda.
    Lambda,
    /// Amazon RDS's Data API.
    RdsData,
    /// Amazon S3.
    S3,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Systems Manager, for its Parameter Store.
    Ssm,
}

impl AwsService {
    /// Returns the first label of the service's host name (AWS General Reference, "Service endpoints and quotas").
    const fn host(self) -> &'static str {
        match self {
            Self::ApiGatewayConnections => "execute-api",
            Self::Bedrock => "bedrock",
            Self::BedrockRuntime => "bedrock-runtime",
            Self::DynamoDb => "dynamodb",
            Self::Lambda => "lambda",
            Self::RdsData => "rds-data",
            Self::S3 => "s3",
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
        }
    }

    /// Returns the service's name in the credential scope of a signature.
    pub(super) const fn signing_name(self) -> &'static str {
        match self {
            // Both of Bedrock's services sign under one name.
            Self::BedrockRuntime => "bedrock",
            other => other.host(),
        }
    }

    /// Returns the service's public address in a region.
    pub(super) fn default_url(self, region: &str) -> String {
        format!("https://{}.{region}.{}", self.host(), dns_suffix(region))
    }
}

/// Returns the domain of the region's partition.
fn dns_suffix(region: &str) -> &'static str {
    // With the last dash, since `us-iso` is also the beginning of `us-isob`.
    const SUFFIXES: [(&str, &str); 6] = [
        ("cn-", "amazonaws.com.cn"),
        ("eusc-", "amazonaws.eu"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
    ];
    SUFFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("amazonaws.com", |(_, suffix)| suffix)
}
