"""What actions reach in `make deploy-local`, and agents whose graphs call each of them once, for bob's tenant alone.

`make up` has none of it.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from resources import Account
from settings import CONFIG_DIR, DEPLOYMENT, REGION

_ACCOUNT = "000000000000"
_NAME = "probe"
_TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{_ACCOUNT}:table/{_NAME}"
_CLUSTER_ARN = f"arn:aws:rds:{REGION}:{_ACCOUNT}:cluster:{_NAME}"

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_HANDLER = "def handler(event, context):\n    return {'called': event['action']}\n"

_ACTIONS: list[dict[str, Any]] = [
    {"name": "probe_get", "type": "dynamodb", "table": _NAME, "key": {"id": "1"}},
    {"name": "probe_query", "type": "dynamodb", "table": _NAME, "operation": "query", "key": {"id": "1"}},
    {
        "name": "probe_index",
        "type": "dynamodb",
        "table": _NAME,
        "operation": "query",
        "index": "by_owner",
        "key": {"owner": "1"},
    },
    {"name": "probe_function", "type": "lambda", "function": _NAME, "effect": "read"},
]


def _queries(secret_arn: str) -> list[dict[str, Any]]:
    """Return a query in a transaction, which MiniStack cannot begin, and one without."""
    query = {"type": "sql", "cluster": _CLUSTER_ARN, "secret": secret_arn, "database": "probe", "statement": "SELECT 1"}
    return [
        query | {"name": "probe_transaction"},
        query | {"name": "probe_statement", "engine": "mysql", "read_only_user": True},
    ]


def create(account: Account) -> dict[str, list[str]]:
    """Create the targets; return what the bootstrap's boundary has to permit, by kind."""
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "owner")]
    account.client("dynamodb").create_table(
        TableName=_NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=attributes,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    role = account.client("iam").create_role(RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("probe.py", _HANDLER)
    function_arn = account.client("lambda").create_function(
        FunctionName=_NAME,
        Runtime="python3.12",
        Handler="probe.handler",
        Role=role["Arn"],
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    # Its first call would make it otherwise, and what a destroy leaves is compared with what was there before.
    account.client("logs").create_log_group(logGroupName=f"/aws/lambda/{_NAME}")
    # MiniStack answers for a serverless cluster without a database. It knows few statements and returns no rows.
    account.client("rds").create_db_cluster(
        DBClusterIdentifier=_NAME,
        Engine="aurora-postgresql",
        EngineMode="serverless",
        EnableHttpEndpoint=True,
        MasterUsername="probe",
        MasterUserPassword="not-a-secret-of-anyone",
    )
    secret_arn = account.client("secretsmanager").create_secret(
        Name=_NAME, SecretString=json.dumps({"username": "probe", "password": "not-a-secret-of-anyone"})
    )["ARN"]
    return {
        "functions": [function_arn],
        "tables": [_TABLE_ARN],
        "clusters": [_CLUSTER_ARN],
        "database_secrets": [secret_arn],
    }


def write_configuration(targets: dict[str, list[str]]) -> None:
    """Write the local configuration with an agent for each action into `directory()`."""
    actions = [*_ACTIONS, *_queries(targets["database_secrets"][0])]
    for action in actions:
        action["description"] = "Proves a right"
        action["parameters"] = {"type": "object", "properties": {}, "additionalProperties": False}
    agents = [_agent(action["name"]) for action in actions]
    text = (CONFIG_DIR / "openclaw.yaml").read_text()
    # The file ends with its list of agents, and JSON is YAML.
    text += "".join(f"  - {json.dumps(agent)}\n" for agent in agents) + f"actions: {json.dumps(actions)}\n"
    directory().mkdir(parents=True, exist_ok=True)
    (directory() / "openclaw.yaml").write_text(text)


def directory() -> Path:
    """Return the directory of that configuration."""
    return DEPLOYMENT / "config"


def _agent(action: str) -> dict[str, Any]:
    """Return an agent that calls one action and answers; the run fails if the call does."""
    return {
        "name": action.replace("_", "-"),
        "access": {"tenants": ["other"]},
        "states": {
            "start": {"type": "input", "next": "call"},
            "call": {"type": "action", "action": action, "arguments": {}, "next": "done"},
            "done": {"type": "output", "text": "called"},
        },
    }
