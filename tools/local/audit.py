"""The audit: its table, its buckets, and the function that moves entries from one into the others."""

import json
from typing import Any

import packages
from console import say
from resources import Account
from settings import AUDIT_BUCKET, AUDIT_TABLE, AUDIT_TEXTS_BUCKET, LOCAL_ROLE

_NAME = "openclaw-archive"

# The days for which nobody can delete an archived entry.
_LOCK_DAYS = 1


def variables() -> dict[str, str]:
    """Return the variables that name the audit's table, for every function that writes entries."""
    return {"OPENCLAW_AUDIT_TABLE": AUDIT_TABLE}


def create_storage(account: Account) -> None:
    """Create the table with its stream, and the two buckets."""
    account.create_audit_table()
    storage = account.client("s3")
    if AUDIT_BUCKET in {bucket["Name"] for bucket in storage.list_buckets()["Buckets"]}:
        return
    storage.create_bucket(Bucket=AUDIT_BUCKET, ObjectLockEnabledForBucket=True)
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": _LOCK_DAYS}}
    storage.put_object_lock_configuration(
        Bucket=AUDIT_BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
    )
    storage.create_bucket(Bucket=AUDIT_TEXTS_BUCKET)


def create_archive(account: Account, environment: dict[str, str]) -> None:
    """Deploy the function behind the table's stream."""
    functions = account.client("lambda")
    folder = packages.write(["archive"])
    say("deploying the function that archives the audit")
    own = {"OPENCLAW_AUDIT_BUCKET": AUDIT_BUCKET, "OPENCLAW_AUDIT_TEXTS_BUCKET": AUDIT_TEXTS_BUCKET}
    functions.create_function(
        FunctionName=_NAME,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Architectures=[packages.architecture()],
        Code={"ZipFile": (folder / "archive" / "bootstrap.zip").read_bytes()},
        Role=LOCAL_ROLE,
        Timeout=60,
        Environment={"Variables": environment | own},
    )
    functions.create_event_source_mapping(
        EventSourceArn=account.audit_stream(),
        FunctionName=_NAME,
        StartingPosition="TRIM_HORIZON",
        BatchSize=100,
        FilterCriteria={"Filters": [{"Pattern": json.dumps(_filter())}]},
    )


def _filter() -> dict[str, Any]:
    """Return the pattern of new entries: heads of chains and expiring entries are other changes of the table."""
    return {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "A#"}]}}}}
