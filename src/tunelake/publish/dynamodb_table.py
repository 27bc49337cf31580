"""One table of DynamoDB through boto3: reads, batches of writes, and its errors in our words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunelake.errors import ConfigError, Fatal, Retryable, how_to_install

Item = dict[str, dict[str, Any]]
"""An item as the API has it: a value by its type, by the name of the attribute."""

_BATCH = 25  # writes that the API takes at once
_BATCH_BYTES = 8_000_000  # of the 16 MB that it takes
_ITEM_BYTES = 400_000
_TRIES = 8  # for writes that the API did not get to
_LET_IN = {
    "UnrecognizedClientException", "InvalidSignatureException", "AccessDeniedException",
    "InvalidClientTokenId", "ExpiredTokenException", "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
}  # fmt: skip
_LATER = {
    "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded",
    "InternalServerError", "ServiceUnavailable", "ResourceInUseException",
}  # fmt: skip
_SERVER_ERROR = 500


class DynamodbTable:
    """A table with the key (entity_id, version); see `DynamodbDocuments` for the address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._name = parts.netloc or "tunelake"
        self._where = {"region_name": told.get("region"), "endpoint_url": told.get("endpoint")}
        self.place = f"DynamoDB table {self._name}"

    def make(self) -> None:
        """Make the table when it is not there, and wait until it is."""
        with self._translated():
            if self._name in self._tables():
                return
            self._client.create_table(
                TableName=self._name,
                KeySchema=[
                    {"AttributeName": "entity_id", "KeyType": "HASH"},
                    {"AttributeName": "version", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": "entity_id", "AttributeType": "S"},
                    {"AttributeName": "version", "AttributeType": "N"},
                ],
                BillingMode="PAY_PER_REQUEST",
            )
            self._client.get_waiter("table_exists").wait(TableName=self._name, WaiterConfig={"Delay": 1})

    def item(self, key: Item) -> Item:
        """Read one item; an empty one when there is none, or no table."""
        with self._translated():
            try:
                found = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
            except self._client.exceptions.ResourceNotFoundException:
                return {}
            item: Item = found.get("Item", {})
            return item

    def newest(self, entity_id: str, version: int, limit: int) -> list[Item]:
        """Read the newest items of an entity up to a version, the newest first."""
        with self._translated():
            found: list[Item] = self._client.query(
                TableName=self._name,
                KeyConditionExpression="entity_id = :id and version <= :version",
                ExpressionAttributeValues={":id": {"S": entity_id}, ":version": {"N": str(version)}},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=limit,
            )["Items"]
            return found

    def scan(self, *attributes: str) -> Iterator[Item]:
        """Read some attributes of all items."""
        names = {f"#a{number}": name for number, name in enumerate(attributes)}
        with self._translated():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._name,
                ConsistentRead=True,
                ProjectionExpression=", ".join(names),
                ExpressionAttributeNames=names,
            )
            for page in pages:
                yield from page["Items"]

    def update(
        self, key: Item, change: str, names: Mapping[str, str], values: Item, only_if: str | None = None
    ) -> Item:
        """Change one item at once; give it as it is then, an empty one when the condition did not hold."""
        condition = {"ConditionExpression": only_if} if only_if else {}
        with self._translated():
            try:
                done: Item = self._client.update_item(
                    TableName=self._name,
                    Key=key,
                    UpdateExpression=change,
                    ExpressionAttributeNames=dict(names),
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    **condition,
                )["Attributes"]
            except self._client.exceptions.ConditionalCheckFailedException:
                return {}
            return done

    def write(self, put: Iterable[Item] = (), removed: Iterable[Item] = ()) -> None:
        """Write items and take items away, in batches.

        Raises:
            Fatal: An item is larger than the API takes.
        """
        requests = self._requests(put, removed)
        with self._translated():
            for batch in _batches(requests):
                self._send(batch)

    def close(self) -> None:
        """Let go of connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def _tables(self) -> list[str]:
        found = self._client.get_paginator("list_tables").paginate()
        return [name for page in found for name in page["TableNames"]]

    def _requests(self, put: Iterable[Item], removed: Iterable[Item]) -> Iterator[tuple[int, dict[str, Any]]]:
        for item in put:
            size = len(item.get("document", {}).get("B", b"")) + len(item["entity_id"]["S"].encode()) + 200
            if size > _ITEM_BYTES:
                name = item["entity_id"]["S"]
                raise Fatal(
                    f"{self.place}: the document of {name} has {size:,} bytes, more than an item can hold"
                )
            yield size, {"PutRequest": {"Item": item}}
        for key in removed:
            yield 100, {"DeleteRequest": {"Key": key}}

    def _send(self, batch: list[dict[str, Any]]) -> None:
        left = {self._name: batch}
        for number in range(_TRIES):
            left = self._client.batch_write_item(RequestItems=left)["UnprocessedItems"]
            if not left:
                return
            time.sleep(0.05 * 2**number)
        raise Retryable(f"{self.place} does not keep up; try again")

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  (boto3 ships no types)
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ModuleNotFoundError as error:
            raise ConfigError(f"boto3 is not installed: {how_to_install('aws')}") from error
        patience = Config(
            connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 4}
        )
        try:
            return boto3.Session().client("dynamodb", config=patience, **self._where)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"{self.place}: {error}; add ?region=... to the address") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        self._client  # noqa: B018  (says itself when the package or a setting is missing)
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            ConnectionError,  # noqa: A004  (the library's own)
            HTTPClientError,
            NoCredentialsError,
            PartialCredentialsError,
        )

        try:
            yield
        except ClientError as error:
            raise self._told(error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ConfigError(f"{self.place}: {error}") from error
        except (ConnectionError, HTTPClientError) as error:
            raise Retryable(f"{self.place} cannot be reached now: {error}") from error
        except BotoCoreError as error:
            raise Fatal(f"{self.place} cannot be used: {error}") from error

    def _told(self, error: Any) -> ConfigError | Retryable | Fatal:  # noqa: ANN401  (boto3 ships no types)
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _LET_IN:
            return ConfigError(f"{self.place} does not let us in: {error}")
        if code == "ResourceNotFoundException":
            return ConfigError(f"{self.place} is not there: run `tunelake publish`")
        if code in _LATER or status >= _SERVER_ERROR:
            return Retryable(f"{self.place} cannot be used now: {error}")
        return Fatal(f"{self.place} refused: {error}")


def _batches(requests: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    """Cut into what the API takes at once, by count and by bytes."""
    batch: list[dict[str, Any]] = []
    total = 0
    for size, request in requests:
        if batch and (len(batch) == _BATCH or total + size > _BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(request)
        total += size
    if batch:
        yield batch
