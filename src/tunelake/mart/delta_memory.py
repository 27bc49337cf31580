"""What marts were made of, kept beside them as the mart `mart_runs`; versions are those of Delta tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tunelake.errors import Retryable
from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest
from tunelake.lake.home import Home
from tunelake.lake.places.delta_added import added
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.mart.delta_parts import DeltaParts
from tunelake.mart.ports import Built

if TYPE_CHECKING:
    import pyarrow as pa

RUNS = "mart_runs"
_NUMBERS = ("number", "version", "rows")
_TRIES = 5


class DeltaMemory:
    """A `Memory` over a home's Delta tables."""

    def __init__(self, home: Home, write: Callable[[str, pa.Table], None]) -> None:
        """Look at a home; `write` keeps a mart, for example `Lake.write_mart`.

        Raises:
            Retryable: Somebody lands without a break.
        """
        self._root = home.tables
        self._tables = DeltaTables(home.tables)
        self._marts = DeltaTables(home.marts)
        self._write = write
        self._far = home.marts if home.far else None
        self._first: dict[str, int] | None = None
        self._asked: set[str] = set()
        self.kept = DeltaParts(home.marts)
        # As they were when this was opened, like the views of the connection beside it.
        self._versions: dict[str, int] = {}
        self._files: dict[str, list[str]] = {}
        self._tables.pin(load())
        for name in load():
            self._look(name)

    def _look(self, name: str) -> None:
        """Remember a table's version, and the files of just that version."""
        for _ in range(_TRIES):
            version, files = self._tables.version(name), self._tables.files(name)
            if self._tables.version(name) == version:
                self._versions[name], self._files[name] = version, files
                return
        raise Retryable(f"table '{name}' changes all the time: run again when nothing is landing")

    def versions(self) -> Mapping[str, int]:
        """Tell the version of every table; see `Memory`."""
        return self._versions

    def version(self, mart: str) -> int:
        """Tell the version of a kept mart; see `Memory`."""
        if self._far is None or mart in self._asked:
            return self._marts.version(mart)
        # Who asks for one asks for all of them next: of a server that is one question.
        self._asked.add(mart)
        if self._first is None:
            self._first = {name: int(table.version()) for name, table in self._far.look().items()}
        return self._first.get(mart, -1)

    def built(self) -> Mapping[str, Built]:
        """Tell what the kept marts were made of; see `Memory`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = self._marts.files(RUNS)
        if not files:
            return {}
        # `read_table` would import pandas, where it is installed.
        rows = pa.concat_tables([pq.ParquetFile(file).read() for file in files]).to_pylist()
        found = [msgspec.convert(row | {"inputs": msgspec.json.decode(row["inputs"])}, Built) for row in rows]
        return {each.mart: each for each in found}

    def record(self, built: Sequence[Built]) -> None:
        """Remember what marts are made of now, unless that is remembered already; see `Memory`."""
        import pyarrow as pa
        from pyarrow import json

        if {each.mart: each for each in built} == self.built():
            return

        kinds = {name: pa.int64() if name in _NUMBERS else pa.string() for name in Built.__struct_fields__}
        rows = [
            msgspec.structs.asdict(each)
            | {"inputs": msgspec.json.encode(each.inputs, order="sorted").decode()}
            for each in built
        ]
        # `from_pylist` would import pandas, where it is installed.
        lines = io.BytesIO(msgspec.json.Encoder().encode_lines(rows))
        schema = pa.schema(list(kinds.items()))
        told = json.read_json(lines, parse_options=json.ParseOptions(explicit_schema=schema))
        self._write(RUNS, told)

    def log(self, table: str) -> str:
        """Give SQL of the log of a table; see `Memory`."""
        return latest.log(load()[table], self._files[table])

    def added(self, table: str, since: int) -> str | None:
        """Give SQL of the rows added to a table's log since a version; see `Memory`."""
        if since < 0:
            return self.log(table)
        place = self._root / table
        files = added(place, since, self._versions[table])
        return None if files is None else latest.log(load()[table], place.local(files))
