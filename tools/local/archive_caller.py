"""Invocations of the function `archive`, as the stream of audit entries and the schedule send them."""

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from resources import Account

_SHARD = "7"  # of 0 to 7; other entries may be in it
_ATTEMPTS = 3  # another invocation may move the chain meanwhile


class ArchiveCaller:
    """Hands entries to `archive` in execution environments of its own, and makes what each of its rights is for."""

    def __init__(self, account: Account, outputs: dict[str, Any]) -> None:
        self._lambda = account.client("lambda", read_timeout_seconds=90)
        self._dynamodb = account.client("dynamodb")
        self._storage = account.client("s3")
        self._name: str = outputs["function_names"]["archive"]
        self._table: str = outputs["audit_table_name"]
        self._bucket: str = outputs["audit_bucket"]
        self.last: Any = None

    def archives(self, **entry: Any) -> bool:
        """Return whether an entry with these members is archived."""
        identifier = str(uuid.uuid4())
        written = {
            "time": datetime.now(UTC).isoformat(),
            "id": identifier,
            "kind": "invocation",
            "request_id": "probe",
            "tenant": "acme",
            "subject": "probe",
        }
        image = {"PK": f"A#{_SHARD}", "SK": identifier, "e": json.dumps([written | entry])}
        record = {"eventName": "INSERT", "dynamodb": {"NewImage": {name: {"S": text} for name, text in image.items()}}}
        return self._invoke({"Records": [record]})

    def archives_again(self) -> bool:
        """Return whether an entry is archived behind objects that the table does not know, which have to be read."""
        self.archives()
        self._forget_chain()
        return self.archives()

    def erases(self) -> bool:
        """Return whether the texts of a conversation are stored, and deleted when the conversation is erased."""
        conversation = str(uuid.uuid4())
        texts = {"input": "a text"}
        return self.archives(conversation=conversation, texts=texts) and self.archives(
            conversation=conversation, kind="erasure"
        )

    def writes_manifest(self) -> bool:
        """Return whether the manifest of yesterday, which has entries, is written."""
        day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
        self._add_head(day)
        self._remove_manifest(day)
        return self._invoke({"manifest": True}) and self.last.get("manifests") == [day]

    def _invoke(self, event: Any) -> bool:
        for _ in range(_ATTEMPTS):
            answer = self._lambda.invoke(FunctionName=self._name, Payload=json.dumps(event))
            self.last = json.loads(answer["Payload"].read() or b"null")
            if "FunctionError" not in answer:
                return True
            time.sleep(0.2)
        return False

    def _heads(self) -> list[dict[str, Any]]:
        found = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="PK = :chain",
            ExpressionAttributeValues={":chain": {"S": f"H#{_SHARD}"}},
        )
        return list(found["Items"])

    def _forget_chain(self) -> None:
        for item in self._heads():
            self._dynamodb.delete_item(TableName=self._table, Key={key: item[key] for key in ("PK", "SK")})

    def _add_head(self, day: str) -> None:
        """Add the end that the chain had on a day, with the form that `archive` gives it."""
        head = {
            "day": day,
            "first_object": 1,
            "last_object": 0,
            "first_previous": "0" * 64,
            "hash": "0" * 64,
            "entries": 0,
            "items": [],
        }
        # A chain that has been forgotten ends there.
        is_known = any(item["SK"]["S"] == "HEAD" for item in self._heads())
        for key in [f"D#{day}"] if is_known else [f"D#{day}", "HEAD"]:
            texts = {"PK": f"H#{_SHARD}", "SK": key, "head": json.dumps(head)}
            item = {name: {"S": text} for name, text in texts.items()} | {"v": {"N": "1"}, "objects": {"N": "0"}}
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def _remove_manifest(self, day: str) -> None:
        """Hide a manifest behind a marker, which the bucket's policy permits nobody."""
        policy = self._storage.get_bucket_policy(Bucket=self._bucket)["Policy"]
        self._storage.delete_bucket_policy(Bucket=self._bucket)
        self._storage.delete_object(Bucket=self._bucket, Key=f"manifests/{day}.json")
        self._storage.put_bucket_policy(Bucket=self._bucket, Policy=policy)
