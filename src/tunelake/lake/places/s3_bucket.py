"""A bucket of S3, or of a server that speaks the same: bytes by key, with writes that hold a condition."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tunelake.errors import ConfigError, Fatal, Retryable, TunelakeError, how_to_install
from tunelake.settings import Aws

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

T = TypeVar("T")
_REFUSED = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
    | {"AuthFailure", "InvalidClientTokenId", "401", "403"}
)
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_UNMET = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "409", "412"})
_NOT_NOW = frozenset(
    {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling"}
    | {"ThrottlingException", "RequestTimeTooSkewed", "500", "502", "503", "504"}
)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An object that was found.

    Attributes:
        key: Its whole key.
        size: Its length in bytes.
        changed_at: When it was written.
        etag: Names this content of it.
    """

    key: str
    size: int
    changed_at: datetime
    etag: str


class S3Bucket:
    """One bucket; safe for threads. Nothing is asked before the first call.

    Everything raises ConfigError when the credentials are refused or the bucket is not there, Retryable
    when the server does not answer in spite of some tries, and Fatal for all else.
    """

    def __init__(self, name: str, aws: Aws, *, tries: int = 5, seconds: float = 30.0) -> None:
        """Choose a bucket.

        Args:
            name: Its name.
            aws: Server and credentials.
            tries: How often a request is sent before the server is held to be away.
            seconds: How long an answer may take.
        """
        self.name = name
        self.aws = aws
        self.tries = tries
        self.seconds = seconds

    @property
    def server(self) -> str:
        """Name the server, for messages."""
        return self.aws.endpoint or "AWS"

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401  (boto3 has no types)
        try:
            import boto3
        except ImportError as error:
            raise ConfigError(f"a lake on S3 needs the extra `aws`: {how_to_install('aws')}") from error
        return boto3.Session()

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  (boto3 has no types)
        from botocore.config import Config

        client = self._session.client(
            "s3",
            endpoint_url=self.aws.endpoint or None,
            region_name=self.aws.region or None,
            aws_access_key_id=self.aws.key_id or None,
            aws_secret_access_key=self.aws.secret.reveal() or None,
            aws_session_token=self.aws.token.reveal() or None,
            config=Config(
                connect_timeout=min(self.seconds, 10),
                read_timeout=self.seconds,
                retries={"mode": "standard", "total_max_attempts": self.tries},
                max_pool_connections=16,
                # A server of one's own has one name for all buckets, and may not know new checksums.
                s3={"addressing_style": "path" if self.aws.endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        weakref.finalize(self, client.close)
        return client

    def options(self) -> dict[str, str]:
        """Tell delta-rs how to get there; holds secrets."""
        aws = self.aws
        if not aws.key_id and (found := self._session.get_credentials()) is not None:
            # Those of a profile or a role, which delta-rs would not find by itself.
            key = found.get_frozen_credentials()
            told = {
                "aws_access_key_id": key.access_key,
                "aws_secret_access_key": key.secret_key,
                "aws_session_token": key.token or "",
            }
        else:
            told = {
                "aws_access_key_id": aws.key_id,
                "aws_secret_access_key": aws.secret.reveal(),
                "aws_session_token": aws.token.reveal(),
            }
        told |= {
            "aws_region": aws.region or "us-east-1",
            "aws_endpoint_url": aws.endpoint,
            "aws_allow_http": "true" if aws.endpoint.startswith("http:") else "",
            "aws_virtual_hosted_style_request": "false" if aws.endpoint else "",
            # Two that commit the same version: the second is told, and tries the next.
            "aws_conditional_put": "etag",
            "max_retries": str(self.tries),
            "retry_timeout": f"{self.seconds * 2:g}s",
            "timeout": f"{self.seconds:g}s",
            "connect_timeout": f"{min(self.seconds, 10):g}s",
        }
        return {name: value for name, value in told.items() if value}

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Return the bytes of an object, or a part of them; None when it is not there."""
        found = self.get_with_etag(key, start, length)
        return None if found is None else found[0]

    def get_with_etag(self, key: str, start: int = 0, length: int | None = None) -> tuple[bytes, str] | None:
        """Return the bytes of an object and what names this content of it; None when it is not there."""
        part: dict[str, str] = {}
        if start or length is not None:
            part["Range"] = f"bytes={start}-" + ("" if length is None else str(start + length - 1))

        def read() -> tuple[bytes, str]:
            answer = self._client.get_object(Bucket=self.name, Key=key, **part)
            return answer["Body"].read(), answer["ETag"]

        return self._ask(f"read {key}", read, missing=True)

    def told_of(self, key: str) -> dict[str, str] | None:
        """Return what was told of an object when it was put; None when it is not there."""
        return self._ask(
            f"look at {key}",
            lambda: dict(self._client.head_object(Bucket=self.name, Key=key)["Metadata"]),
            missing=True,
        )

    def put(
        self,
        key: str,
        data: bytes,
        *,
        new: bool = False,
        instead_of: str | None = None,
        told: dict[str, str] | None = None,
    ) -> str | None:
        """Write an object, whole.

        Args:
            key: Where.
            data: Its bytes.
            new: Only when there is none.
            instead_of: Only when it has the content that this names.
            told: A few words that are kept with it.

        Returns:
            What names this content; None when the condition does not hold.
        """
        more: dict[str, Any] = {"Metadata": told} if told else {}
        if new:
            more["IfNoneMatch"] = "*"
        if instead_of is not None:
            more["IfMatch"] = instead_of
        return self._ask(
            f"write {key}",
            lambda: str(self._client.put_object(Bucket=self.name, Key=key, Body=data, **more)["ETag"]),
            conditional=bool(more.keys() & {"IfNoneMatch", "IfMatch"}),
        )

    def objects(self, prefix: str, most: int | None = None, after: str = "") -> Iterator[Found]:
        """List the objects below a prefix, in order of their keys, from those on that come after a key."""
        more: dict[str, Any] = {"MaxKeys": most} if most else {}
        if after:
            more["StartAfter"] = after
        while True:
            page = self._page(prefix, more)
            yield from _found(page)
            if most or not page.get("IsTruncated"):
                return
            more["ContinuationToken"] = page["NextContinuationToken"]

    def first(self, prefix: str) -> tuple[list[Found], bool]:
        """List the objects below a prefix by one request; and tell whether these are all."""
        page = self._page(prefix, {})
        return list(_found(page)), not page.get("IsTruncated")

    def folders(self, prefix: str) -> list[str]:
        """Name the folders directly below a prefix that ends in "/"."""
        names: list[str] = []
        more: dict[str, Any] = {"Delimiter": "/"}
        while True:
            page = self._page(prefix, more)
            names += [one["Prefix"][len(prefix) : -1] for one in page.get("CommonPrefixes", ())]
            if not page.get("IsTruncated"):
                return sorted(names)
            more["ContinuationToken"] = page["NextContinuationToken"]

    def remove(self, key: str) -> None:
        """Remove an object; one that is gone is fine."""
        self._ask(
            f"remove {key}", lambda: self._client.delete_object(Bucket=self.name, Key=key), missing=True
        )

    def _page(self, prefix: str, more: dict[str, Any]) -> dict[str, Any]:
        asked = self._ask(
            f"list {prefix}",
            lambda: dict(self._client.list_objects_v2(Bucket=self.name, Prefix=prefix, **more)),
        )
        return asked or {}

    def _ask(
        self, what: str, call: Callable[[], T], *, missing: bool = False, conditional: bool = False
    ) -> T | None:
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            HTTPClientError,
            IncompleteReadError,
            NoCredentialsError,
            PartialCredentialsError,
        )
        from botocore.exceptions import (
            ConnectionError as Unreached,
        )

        try:
            return call()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if (missing and code in _MISSING) or (conditional and code in _UNMET):
                return None
            raise self._refusal(what, code, error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ConfigError(
                f"there are no credentials for {self.server}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from error
        except (HTTPClientError, Unreached, IncompleteReadError, OSError) as error:
            raise Retryable(
                f"{self.server} does not answer, so it could not {what} in bucket {self.name}: {error}; "
                "nothing was lost, run again when it does"
            ) from error
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"cannot {what} in bucket {self.name} of {self.server}: {error}") from error

    def _refusal(self, what: str, code: str, error: ClientError) -> TunelakeError:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "NoSuchBucket":
            return ConfigError(f"there is no bucket '{self.name}' at {self.server}: make it, or name another")
        if code in _REFUSED:
            return ConfigError(
                f"{self.server} refuses to {what} in bucket {self.name} ({code}): check AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY and what they may do"
            )
        if code in _NOT_NOW or status >= 500:  # noqa: PLR2004  (server errors)
            return Retryable(
                f"{self.server} could not {what} in bucket {self.name} for now ({code}), tried "
                f"{self.tries} times; nothing was lost, run again later"
            )
        return Fatal(f"{self.server} could not {what} in bucket {self.name}: {code} {error}")


def _found(page: dict[str, Any]) -> Iterator[Found]:
    for one in page.get("Contents", ()):
        yield Found(key=one["Key"], size=one["Size"], changed_at=one["LastModified"], etag=one["ETag"])
