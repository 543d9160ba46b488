"""The resources that the functions use in AWS: a table, a user pool with its users, secrets and parameters.

Everything may exist already: creating it again changes nothing but the passwords and the secrets.
"""

import base64
import secrets
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.config import Config

from settings import (
    AUDIT_TABLE,
    CREDENTIALS,
    DIGEST_SECRET,
    GROUPS,
    POOL,
    REGION,
    SCOPE_NAME,
    SCOPE_SERVER,
    TABLE,
    USERS,
)
from state import Identity

# Service, operation, the member of the answer, what names an item of it, arguments.
_LISTINGS: list[tuple[str, str, str, str | None, dict[str, Any]]] = [
    ("apigateway", "get_rest_apis", "items", "name", {}),
    ("apigatewayv2", "get_apis", "Items", "Name", {}),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName", {}),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", {}),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName", {}),
    ("cognito-idp", "list_user_pools", "UserPools", "Name", {"MaxResults": 60}),
    ("dynamodb", "list_tables", "TableNames", None, {}),
    ("ec2", "describe_addresses", "Addresses", "AllocationId", {}),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", {}),
    ("ec2", "describe_network_acls", "NetworkAcls", "NetworkAclId", {}),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId", {}),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", {}),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName", {}),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId", {}),
    ("ec2", "describe_subnets", "Subnets", "SubnetId", {}),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId", {}),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName", {}),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", {}),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", {}),
    ("iam", "list_policies", "Policies", "PolicyName", {"Scope": "Local"}),
    ("iam", "list_roles", "Roles", "RoleName", {}),
    ("kms", "list_aliases", "Aliases", "AliasName", {}),
    ("lambda", "list_functions", "Functions", "FunctionName", {}),
    ("logs", "describe_log_groups", "logGroups", "logGroupName", {}),
    ("route53", "list_hosted_zones", "HostedZones", "Name", {}),
    ("s3", "list_buckets", "Buckets", "Name", {}),
    ("secretsmanager", "list_secrets", "SecretList", "Name", {"IncludePlannedDeletion": True}),
    ("sns", "list_topics", "Topics", "TopicArn", {}),
    ("ssm", "describe_parameters", "Parameters", "Name", {}),
]


class Account:
    """The local AWS account."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def client(self, service: str, read_timeout_seconds: int = 30) -> Any:
        """Return an SDK client that can only reach the local endpoint, whatever the user's shell says."""
        config = Config(proxies={}, read_timeout=read_timeout_seconds, retries={"total_max_attempts": 3})
        return boto3.client(
            service,
            endpoint_url=self._endpoint_url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=config,
        )

    def inventory(self) -> set[str]:
        """Name every resource in the account, of the kinds that the gateway has."""
        found = set()
        for service, operation, members, name, arguments in _LISTINGS:
            client = self.client(service)
            pages = [getattr(client, operation)(**arguments)]
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**arguments)
            for page in pages:
                found |= {f"{operation.split('_', 1)[1]} {item[name] if name else item}" for item in page[members]}
        return found | {f"key {key}" for key in self._living_keys()}

    def _living_keys(self) -> list[str]:
        """Return the keys that are not scheduled for deletion."""
        kms = self.client("kms")
        keys = [key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
        return [key for key in keys if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion"]

    def end_archive(self, function: str, bucket: str) -> None:
        """End what invokes `archive`, and delete what it has written, which root may once the bucket has no policy."""
        functions = self.client("lambda")
        for mapping in functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
            functions.delete_event_source_mapping(UUID=mapping["UUID"])
        storage = self.client("s3")
        storage.delete_bucket_policy(Bucket=bucket)
        for page in storage.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                storage.delete_object(
                    Bucket=bucket,
                    Key=version["Key"],
                    VersionId=version["VersionId"],
                    BypassGovernanceRetention=True,
                )

    def fill_secrets(self, names: Iterable[str]) -> None:
        """Give each secret a random value: the local providers accept any."""
        manager = self.client("secretsmanager")
        for name in names:
            manager.put_secret_value(SecretId=name, SecretString=secrets.token_urlsafe(24))

    def set_password(self, pool_id: str, name: str) -> str:
        """Give a user a new password and return it."""
        return _set_password(self.client("cognito-idp"), pool_id, name)

    def client_secret(self, pool_id: str, client_id: str) -> str:
        """Return the secret that Cognito made for a machine client."""
        described = self.client("cognito-idp").describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
        return str(described["UserPoolClient"]["ClientSecret"])

    def create_table(self) -> None:
        """Create the table, on demand; GSI1 finds an owner's conversations; items expire by `ttl`."""
        dynamodb = self.client("dynamodb")
        keys = ["PK", "SK", "GSI1PK", "GSI1SK"]
        try:
            dynamodb.create_table(
                TableName=TABLE,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                KeySchema=_key_schema("PK", "SK"),
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "GSI1",
                        "KeySchema": _key_schema("GSI1PK", "GSI1SK"),
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            )
        except dynamodb.exceptions.ResourceInUseException:
            return
        dynamodb.get_waiter("table_exists").wait(TableName=TABLE)
        ttl = {"Enabled": True, "AttributeName": "ttl"}
        dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=ttl)

    def create_audit_table(self) -> None:
        """Create the table of the audit, whose stream carries what is new; items expire by `ttl`."""
        dynamodb = self.client("dynamodb")
        try:
            dynamodb.create_table(
                TableName=AUDIT_TABLE,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK")],
                KeySchema=_key_schema("PK", "SK"),
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            )
        except dynamodb.exceptions.ResourceInUseException:
            return
        dynamodb.get_waiter("table_exists").wait(TableName=AUDIT_TABLE)
        ttl = {"Enabled": True, "AttributeName": "ttl"}
        dynamodb.update_time_to_live(TableName=AUDIT_TABLE, TimeToLiveSpecification=ttl)

    def audit_stream(self) -> str:
        """Return the ARN of the audit table's stream."""
        return str(self.client("dynamodb").describe_table(TableName=AUDIT_TABLE)["Table"]["LatestStreamArn"])

    def create_secrets(self, values: dict[str, str]) -> None:
        """Create each secret with its value."""
        manager = self.client("secretsmanager")
        for name, value in values.items():
            try:
                manager.create_secret(Name=name, SecretString=value)
            except manager.exceptions.ResourceExistsException:
                manager.put_secret_value(SecretId=name, SecretString=value)

    def create_digest_secret(self) -> str:
        """Create the secret with which log lines name callers, and return its name. Its value stays the same."""
        manager = self.client("secretsmanager")
        try:
            value = base64.b64encode(secrets.token_bytes(32)).decode()
            manager.create_secret(Name=DIGEST_SECRET, SecretString=value)
        except manager.exceptions.ResourceExistsException:
            pass
        return DIGEST_SECRET

    def create_parameters(self, values: dict[str, str]) -> None:
        """Create each parameter with its value, encrypted."""
        store = self.client("ssm")
        for name, value in values.items():
            store.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def create_groups(self, pool_id: str, groups: Iterable[str]) -> None:
        """Create each group that does not exist yet."""
        _create_groups(self.client("cognito-idp"), pool_id, groups)

    def create_identity(self) -> Identity:
        """Create the user pool, one client for people, one for machines, the groups and the users."""
        cognito = self.client("cognito-idp")
        pool_id = _pool(cognito)
        people = _client(cognito, pool_id, "people", ExplicitAuthFlows=_people_flows())
        machine = _machine_client(cognito, pool_id)
        _create_groups(cognito, pool_id, GROUPS)
        passwords = {name: _create_user(cognito, pool_id, name, groups) for name, groups in USERS.items()}
        return Identity(pool_id, people["ClientId"], machine["ClientId"], machine["ClientSecret"], passwords)


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _people_flows() -> list[str]:
    return ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def _pool(cognito: Any) -> str:
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        if pool["Name"] == POOL:
            return str(pool["Id"])
    return str(cognito.create_user_pool(PoolName=POOL)["UserPool"]["Id"])


def _client(cognito: Any, pool_id: str, name: str, **settings: Any) -> dict[str, Any]:
    for client in cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]:
        if client["ClientName"] == name:
            found = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
            return dict(found["UserPoolClient"])
    created = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=name, **settings)
    return dict(created["UserPoolClient"])


def _machine_client(cognito: Any, pool_id: str) -> dict[str, Any]:
    """Return a client for client credentials, which Cognito grants only for a scope of a resource server."""
    try:
        cognito.describe_resource_server(UserPoolId=pool_id, Identifier=SCOPE_SERVER)
    except cognito.exceptions.ResourceNotFoundException:
        scope = {"ScopeName": SCOPE_NAME, "ScopeDescription": "Call the gateway"}
        cognito.create_resource_server(UserPoolId=pool_id, Identifier=SCOPE_SERVER, Name=SCOPE_SERVER, Scopes=[scope])
    return _client(
        cognito,
        pool_id,
        "machine",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=[f"{SCOPE_SERVER}/{SCOPE_NAME}"],
    )


def _create_groups(cognito: Any, pool_id: str, groups: Iterable[str]) -> None:
    for group in groups:
        try:
            cognito.create_group(UserPoolId=pool_id, GroupName=group)
        except cognito.exceptions.GroupExistsException:
            pass


def _create_user(cognito: Any, pool_id: str, name: str, groups: list[str]) -> str:
    """Create the user and return a new password."""
    try:
        cognito.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
    except cognito.exceptions.UsernameExistsException:
        pass
    for group in groups:
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)
    return _set_password(cognito, pool_id, name)


def _set_password(cognito: Any, pool_id: str, name: str) -> str:
    """Set a random password and return it; its suffix satisfies any password policy."""
    password = secrets.token_urlsafe(24) + "-aA1"
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=password, Permanent=True)
    return password
