"""A place that is a prefix in a bucket. Files of tables never change, so what was read once is kept here."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.places.place import Kept
from tunelake.lake.places.s3_bucket import S3Bucket
from tunelake.settings import Aws

if TYPE_CHECKING:
    from deltalake import DeltaTable

_FETCHES = 8
_UNUSED_SECONDS = 86_400.0
"""A file that is no longer of its table goes from this machine when it was not fetched for so long."""
_URL = re.compile(r"s3a?://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^?#]*))?")


class S3Place:
    """A `Place` below a prefix.

    Attributes:
        bucket: The bucket.
        prefix: What the keys begin with, "" or ending in "/".
        kept: The folder of this machine for copies of files that were read.
    """

    def __init__(self, bucket: S3Bucket, prefix: str, kept: Path) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.kept = kept

    def __str__(self) -> str:
        return self.uri

    def __truediv__(self, name: str) -> S3Place:
        """See `Place`."""
        return S3Place(self.bucket, f"{self.prefix}{name}/", self.kept / name)

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
        names = self.bucket.folders(self.prefix)
        with ThreadPoolExecutor(_FETCHES) as fetches:
            there = fetches.map(self._has_table, names)
            return [one for one, found in zip(names, there, strict=True) if found]

    def _has_table(self, name: str) -> bool:
        return any(self.bucket.objects(f"{self.prefix}{name}/_delta_log/", most=1))

    def delta(self) -> DeltaTable | None:
        """See `Place`."""
        from tunelake.lake.places.delta_handle import opened

        return opened(self.uri, self.options)

    def local(self, files: Iterable[str]) -> list[str]:
        """See `Place`."""
        wanted = {file: self.kept / file.removeprefix(f"{self.uri}/") for file in files}
        missing = {file: path for file, path in wanted.items() if not path.exists()}
        if missing:
            with ThreadPoolExecutor(_FETCHES) as fetches:
                list(fetches.map(self._fetch, missing.values()))
            self._sweep(set(wanted.values()))
        return sorted(str(path) for path in wanted.values())

    def _fetch(self, path: Path) -> None:
        key = self.prefix + path.relative_to(self.kept).as_posix()
        data = self.bucket.get(key)
        if data is None:
            raise Fatal(f"the file {key} of a table is gone from bucket {self.bucket.name}")
        draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise Fatal(
                f"cannot keep a copy of {key} in {path.parent}: {error.strerror}; free some space"
            ) from error

    def _sweep(self, used: set[Path]) -> None:
        old = time.time() - _UNUSED_SECONDS
        for path in self.kept.rglob("*"):
            try:
                if path not in used and path.is_file() and path.stat().st_mtime < old:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process sweeps as well

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


def place_at(url: str, aws: Aws, home: Path) -> S3Place:
    """Give the place of an address such as s3://bucket/prefix; nobody is asked.

    Args:
        url: The address.
        aws: Server and credentials.
        home: The home that reads there.

    Raises:
        ConfigError: It is no such address.
    """
    bucket, prefix = parse_url(url)
    return S3Place(S3Bucket(bucket, aws), prefix, home / "cache")


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
