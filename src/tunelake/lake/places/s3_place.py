"""A place that is a prefix in a bucket. Files of tables never change, so what was read once is kept here."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.places.file_copies import STATES, FileCopies, touch
from tunelake.lake.places.place import Kept
from tunelake.lake.places.s3_bucket import S3Bucket
from tunelake.settings import Aws

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from tunelake.lake.places.s3_delta_logs import S3Logs

_FETCHES = 8
_URL = re.compile(r"s3a?://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^?#]*))?")


class _Shared:
    """What all places of one lake have in common."""

    def __init__(self, bucket: S3Bucket, copies: FileCopies) -> None:
        self.copies = copies
        self._bucket = bucket

    @cached_property
    def logs(self) -> S3Logs:
        """What reads the logs of tables; delta-rs takes long to import."""
        from tunelake.lake.places.s3_delta_logs import S3Logs

        return S3Logs(self._bucket, self.copies)


class S3Place:
    """A `Place` below a prefix.

    Attributes:
        bucket: The bucket.
        prefix: What the keys begin with, "" or ending in "/".
        kept: The folder of this machine for copies of files that were read.
    """

    def __init__(self, bucket: S3Bucket, prefix: str, kept: Path, shared: _Shared | None = None) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.kept = kept
        self._shared = shared or _Shared(bucket, FileCopies(kept))

    def __str__(self) -> str:
        return self.uri

    def __truediv__(self, name: str) -> S3Place:
        """See `Place`."""
        return S3Place(self.bucket, f"{self.prefix}{name}/", self.kept / name, self._shared)

    @property
    def copies(self) -> FileCopies:
        """What is kept of the whole lake on this machine."""
        return self._shared.copies

    @property
    def uri(self) -> str:
        """See `Place`."""
        return f"s3://{self.bucket.name}/{self.prefix}".rstrip("/")

    @property
    def options(self) -> Mapping[str, str]:
        """See `Place`."""
        return self.bucket.options()

    def tables(self) -> list[str]:
        """See `Place`."""
        found, whole = self.bucket.first(self.prefix)
        if whole:
            parts = (one.key.removeprefix(self.prefix).split("/") for one in found)
            return sorted({part[0] for part in parts if part[1:2] == ["_delta_log"]})
        names = self.bucket.folders(self.prefix)
        with ThreadPoolExecutor(_FETCHES) as fetches:
            there = fetches.map(self._has_table, names)
            return [one for one, found in zip(names, there, strict=True) if found]

    def _has_table(self, name: str) -> bool:
        return any(self.bucket.objects(f"{self.prefix}{name}/_delta_log/", most=1))

    def look(self, names: Collection[str] | None = None) -> dict[str, DeltaTable]:
        """See `Place`."""
        return self._shared.logs.look(self.prefix, self.kept, None if names is None else list(names))

    def delta(self, version: int | None = None) -> DeltaTable | None:
        """See `Place`."""
        from tunelake.lake.places.delta_handle import opened

        return opened(self.uri, self.options, version)

    def local(self, files: Iterable[str]) -> list[str]:
        """See `Place`."""
        wanted = {self.kept / self._name(file) for file in files}
        missing = wanted - self.copies.touched(wanted)
        if missing:
            with ThreadPoolExecutor(_FETCHES) as fetches:
                sizes = list(fetches.map(self._fetch, missing))
            self.copies.sweep(self.kept, wanted)
            self.copies.added(sum(sizes))
        return sorted(map(str, wanted))

    def _name(self, file: str) -> str:
        """Give the name of a file below here by its address, in the bucket or beside a copy of the log."""
        states = f"{self.kept / STATES}/"
        if (here := unquote(file)).startswith(states):
            return here.removeprefix(states).partition("/")[2]
        return file.removeprefix(f"{self.uri}/")

    def _fetch(self, path: Path) -> int:
        key = self.prefix + path.relative_to(self.kept).as_posix()
        data = self.bucket.get(key)
        if data is None:
            raise Fatal(f"the file {key} of a table is gone from bucket {self.bucket.name}")
        draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            touch(draft)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise Fatal(
                f"cannot keep a copy of {key} in {path.parent}: {error.strerror}; free some space, "
                "or set TUNELAKE_CACHE_GB to less"
            ) from error
        return len(data)

    def files(self) -> Iterator[Kept]:
        """See `Place`."""
        for found in self.bucket.objects(self.prefix):
            name = found.key.removeprefix(self.prefix)
            yield Kept(name=name, size=found.size, changed_at=found.changed_at.timestamp())

    def read(self, name: str) -> bytes:
        """See `Place`."""
        data = self.bucket.get(self.prefix + name)
        if data is None:
            raise Fatal(f"there is no {self.prefix + name} in bucket {self.bucket.name}")
        return data

    def write(self, name: str, data: bytes) -> None:
        """See `Place`."""
        self.bucket.put(self.prefix + name, data)

    def remove(self, name: str) -> None:
        """See `Place`; the copy goes, too."""
        self.bucket.remove(self.prefix + name)
        (self.kept / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """See `Place`; the copies go, too."""
        for found in self.bucket.objects(self.prefix):
            self.bucket.remove(found.key)
        rmtree(self.kept, ignore_errors=True)


def place_at(
    url: str,
    aws: Aws,
    home: Path,
    *,
    most: int | None = None,
    read_since: Callable[[], float] = time.time,
) -> S3Place:
    """Give the place of an address such as s3://bucket/prefix; nobody is asked.

    Args:
        url: The address.
        aws: Server and credentials.
        home: The home that reads there.
        most: How many bytes the copies of files that were read may take; None for any number.
        read_since: Tells when the oldest lease of the home began, in seconds since 1970.

    Raises:
        ConfigError: It is no such address.
    """
    bucket, prefix = parse_url(url)
    kept, found = home / "cache", S3Bucket(bucket, aws)
    return S3Place(found, prefix, kept, _Shared(found, FileCopies(kept, most, read_since)))


def parse_url(url: str) -> tuple[str, str]:
    """Return bucket and prefix ("" or ending in "/") of an address such as s3://bucket/prefix.

    Raises:
        ConfigError: It is none.
    """
    found = _URL.fullmatch(url)
    prefix = (found[2] or "").strip("/") if found else ""
    if found is None or any(part in {"", ".", ".."} for part in prefix.split("/") if prefix):
        raise ConfigError(f"the address of a lake is like s3://bucket/prefix, not {url!r}")
    return found[1], f"{prefix}/" if prefix else ""
