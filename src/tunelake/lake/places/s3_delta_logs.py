"""The logs of Delta tables in a bucket, as far as it takes to read a table: each file is fetched once.

What a log holds is listed; a state of it that was met before is opened from its folder on this machine,
and asks the bucket nothing more. A folder is named by what its files are named and hold, so a table that
was made anew under an old name is never taken for what it was.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake.places.delta_handle import opened
from tunelake.lake.places.file_copies import STATES, FileCopies, touch
from tunelake.lake.places.s3_bucket import Found, S3Bucket

_AT_ONCE = 16
_LOG = "_delta_log"
_POINTER = "_last_checkpoint"
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_MADE_OF = "made_of.json"


def needed(names: Iterable[str]) -> list[str] | None:
    """Choose the files of a log by which its newest state is read.

    Args:
        names: All of its files that are known, the pointer to a checkpoint aside.

    Returns:
        The newest checkpoint and what came since, in order; [] when there is no table; None when it is
        not told by these alone: it has checkpoints of another kind, or a commit is missing.
    """
    names = list(names)
    commits = {int(found[1]): name for name in names if (found := _COMMIT.fullmatch(name))}
    marks = {int(found[1]): name for name in names if (found := _CHECKPOINT.fullmatch(name))}
    if not commits and not marks:
        return []
    start = max(marks, default=-1)
    since = [version for version in sorted(commits) if version > start]
    if since != list(range(start + 1, start + 1 + len(since))):
        return None
    told = [marks[start]] if marks else []
    return told + [commits[version] for version in since]


class S3Logs:
    """The logs of a home's tables in one bucket; safe for threads."""

    def __init__(self, bucket: S3Bucket, copies: FileCopies) -> None:
        self._bucket = bucket
        self._copies = copies
        self._handles: dict[str, tuple[str, DeltaTable]] = {}
        self._drafts = 0
        self._lock = threading.Lock()

    def look(self, prefix: str, kept: Path, names: Sequence[str] | None) -> dict[str, DeltaTable]:
        """Open the tables below a prefix as they are now; they are to be read, never written.

        Args:
            prefix: What the keys of all of them begin with; ends in "/".
            kept: The folder of this machine for copies of what is below the prefix.
            names: Which; None: all there are.
        """
        listed = None if names and len(names) == 1 else self._at_once(prefix)
        if names is None:
            names = self._bucket.folders(prefix) if listed is None else sorted(listed)

        def look(name: str) -> DeltaTable | None:
            known = kept / name / STATES
            found = self._listed(f"{prefix}{name}/{_LOG}/", known) if listed is None else listed.get(name, {})
            return self._opened(f"{prefix}{name}", known, found)

        with ThreadPoolExecutor(_AT_ONCE) as looks:
            tables = looks.map(look, names) if len(names) > 1 else map(look, names)
            return {name: table for name, table in zip(names, tables, strict=True) if table is not None}

    def _at_once(self, prefix: str) -> dict[str, dict[str, Found]] | None:
        """List the logs of all tables by one request; None when that does not show all of them."""
        found, whole = self._bucket.first(prefix)
        if not whole:
            return None
        logs: dict[str, dict[str, Found]] = {}
        for one in found:
            table, _, rest = one.key.removeprefix(prefix).partition("/")
            folder, _, name = rest.partition("/")
            if folder == _LOG and name:
                logs.setdefault(table, {})[name] = one
        return logs

    def _listed(self, log: str, known: Path) -> dict[str, Found]:
        """List the files of a log, of a long one from its newest checkpoint on."""
        mark = _newest_mark(known)
        if mark:
            found = self._from(log, mark)
            if f"{mark:020}.checkpoint.parquet" in found:
                return found
        first, whole = self._bucket.first(log)
        if not whole:
            pointer = self._bucket.get(f"{log}{_POINTER}")
            version = 0 if pointer is None else int(msgspec.json.decode(pointer)["version"])
            return self._from(log, version)
        return {one.key.removeprefix(log): one for one in first}

    def _from(self, log: str, version: int) -> dict[str, Found]:
        after = f"{log}{version:020}"
        return {one.key.removeprefix(log): one for one in self._bucket.objects(log, after=after)}

    def _opened(self, root: str, known: Path, listed: dict[str, Found]) -> DeltaTable | None:
        uri = f"s3://{self._bucket.name}/{root}"
        names = needed(name for name in listed if name != _POINTER)
        if names is None:
            return opened(uri, self._bucket.options())
        if not names:
            return None
        files = {name: listed[name].etag for name in names}
        state = hashlib.sha256(msgspec.json.encode(sorted(files.items()))).hexdigest()[:32]
        held = self._handles.get(uri)
        folder = known / state
        if held is not None and held[0] == state and self._is_there(folder):
            return held[1]
        if not self._is_there(folder):
            self._make(folder, f"{root}/{_LOG}/", files)
        try:
            table = DeltaTable(str(folder))
        except (DeltaError, OSError):
            # Half of it may have been cleared away; what the bucket says is the truth.
            shutil.rmtree(folder, ignore_errors=True)
            return opened(uri, self._bucket.options())
        self._handles[uri] = (state, table)
        return table

    def _is_there(self, folder: Path) -> bool:
        return bool(self._copies.touched([folder / _MADE_OF]))

    def _make(self, folder: Path, log: str, files: dict[str, str]) -> None:
        """Make the folder of a state: of the files of others, and of what is fetched."""
        known = folder.parent
        with self._lock:
            self._drafts += 1
            draft = known / f".{os.getpid()}-{self._drafts}"
        try:
            (draft / _LOG).mkdir(parents=True, exist_ok=True)
            others = _made_of(known)
            for name, etag in files.items():
                self._put(draft / _LOG / name, f"{log}{name}", others.get((name, etag)))
            (draft / _MADE_OF).write_bytes(msgspec.json.encode(files))
            touch(draft / _MADE_OF)
            with suppress(OSError):  # another process made it first
                draft.rename(folder)
        except OSError as error:
            raise Fatal(
                f"cannot keep a copy of {log} in {known}: {error.strerror}; free some space"
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._sweep(folder)

    def _put(self, path: Path, key: str, other: Path | None) -> None:
        if other is not None:
            with suppress(OSError):  # cleared away meanwhile, or a disk that knows no links
                os.link(other, path)
                return
        data = self._bucket.get(key)
        if data is None:
            raise Fatal(f"the file {key} of a table is gone from bucket {self._bucket.name}: run again")
        path.write_bytes(data)

    def _sweep(self, current: Path) -> None:
        """Remove states that nobody looked at for a while, and drafts of processes that ended."""
        since = self._copies.spare_since()
        for folder in current.parent.iterdir():
            if folder == current:
                continue
            mark = folder if folder.name.startswith(".") else folder / _MADE_OF
            try:
                used_at = mark.stat().st_mtime
            except FileNotFoundError:
                used_at = 0.0
            if used_at < since:
                shutil.rmtree(folder, ignore_errors=True)


def _states(known: Path) -> list[Path]:
    """List what is known of a log, the newest first."""
    found: list[tuple[float, Path]] = []
    with suppress(FileNotFoundError):
        for folder in known.iterdir():
            with suppress(OSError):
                found.append(((folder / _MADE_OF).stat().st_mtime, folder))
    return [folder for _, folder in sorted(found, reverse=True)]


def _newest_mark(known: Path) -> int:
    for folder in _states(known)[:1]:
        with suppress(OSError):
            found = (_CHECKPOINT.fullmatch(path.name) for path in (folder / _LOG).iterdir())
            return max((int(one[1]) for one in found if one), default=0)
    return 0


def _made_of(known: Path) -> dict[tuple[str, str], Path]:
    """Find the files of the newest state, by name and content."""
    for folder in _states(known)[:1]:
        with suppress(OSError, msgspec.DecodeError):
            told = msgspec.json.decode((folder / _MADE_OF).read_bytes(), type=dict[str, str])
            return {(name, etag): folder / _LOG / name for name, etag in told.items()}
    return {}
