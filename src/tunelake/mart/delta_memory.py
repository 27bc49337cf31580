"""What marts were made of, kept beside them as the mart `mart_runs`; versions are those of Delta tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake import latest
from tunelake.lake.contract import load
from tunelake.lake.delta_tables import DeltaTables
from tunelake.lake.home import Home
from tunelake.lake.place import Place
from tunelake.mart.ports import Built

if TYPE_CHECKING:
    import pyarrow as pa

RUNS = "mart_runs"
_APPEND, _COMPACT = "WRITE", "OPTIMIZE"
_NOTHING = ("VACUUM START", "VACUUM END")
_STEPS = 64
"""More versions than that are not looked through one by one: everything is computed."""


class DeltaMemory:
    """A `Memory` over a home's Delta tables."""

    def __init__(self, home: Home, write: Callable[[str, pa.Table], None]) -> None:
        """Look at a home; `write` keeps a mart, for example `Lake.write_mart`."""
        self._root = home.tables
        self._tables = DeltaTables(home.tables)
        self._marts = DeltaTables(home.marts)
        self._write = write
        # As they were when this was opened, like the views of the connection beside it.
        self._versions = {name: self._tables.version(name) for name in load()}

    def versions(self) -> Mapping[str, int]:
        """Tell the version of every table; see `Memory`."""
        return self._versions

    def version(self, mart: str) -> int:
        """Tell the version of a kept mart; see `Memory`."""
        return self._marts.version(mart)

    def built(self) -> Mapping[str, Built]:
        """Tell what the kept marts were made of; see `Memory`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = self._marts.files(RUNS)
        if not files:
            return {}
        rows = pa.concat_tables([pq.read_table(file) for file in files]).to_pylist()
        found = [msgspec.convert(row | {"inputs": msgspec.json.decode(row["inputs"])}, Built) for row in rows]
        return {each.mart: each for each in found}

    def record(self, built: Sequence[Built]) -> None:
        """Remember what marts are made of now; see `Memory`."""
        import pyarrow as pa

        schema = pa.schema(
            [
                ("mart", pa.string()),
                ("fingerprint", pa.string()),
                ("inputs", pa.string()),
                ("number", pa.int64()),
                ("content", pa.string()),
                ("version", pa.int64()),
                ("rows", pa.int64()),
            ]
        )
        rows = [
            msgspec.structs.asdict(each)
            | {"inputs": msgspec.json.encode(each.inputs, order="sorted").decode()}
            for each in built
        ]
        self._write(RUNS, pa.Table.from_pylist(rows, schema=schema))

    def added(self, table: str, since: int) -> str | None:
        """Give SQL of the rows added to a table's log since a version; see `Memory`."""
        files = self._added_files(table, since, self._versions[table])
        return None if files is None else latest.log(load()[table], files)

    def _added_files(self, table: str, since: int, until: int) -> list[str] | None:
        """List the files that appends added; None when a version is gone or did something else."""
        if since < 0:
            return self._tables.files(table)
        if not since <= until <= since + _STEPS:
            return None
        try:
            return _appended(self._root / table, since, until)
        except (DeltaError, OSError):
            # A version between them was cleaned away.
            return None


def _appended(place: Place, since: int, until: int) -> list[str] | None:
    """Collect what each append added: its files stay readable after they were compacted."""
    table = place.delta()
    if table is None:
        return None
    steps = {
        step["version"]: step["operation"] for step in table.history() if since < step["version"] <= until
    }
    if len(steps) != until - since or not set(steps.values()) <= {_APPEND, _COMPACT, *_NOTHING}:
        return None
    added: list[str] = []
    before = _files(table, since)
    for version in range(since + 1, until + 1):
        after = _files(table, version)
        if steps[version] == _APPEND:
            if before - after:
                return None
            added += sorted(after - before)
        before = after
    try:
        added = place.local(added)
    except Fatal:
        return None  # one was cleaned away
    return added if all(Path(file).exists() for file in added) else None


def _files(table: DeltaTable, version: int) -> set[str]:
    table.load_as_version(version)
    return set(table.file_uris())
