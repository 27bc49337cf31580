"""Takes a person's rows out of the tables: each table is written anew without them, in one commit.

The commit does not say what was left out. Older versions keep it until the next maintenance, or a purge.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import load
from tunelake.lake.contracts.schema import log_schema
from tunelake.lake.home import Home
from tunelake.lake.landing.redact_files import Place, redact
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.maintenance.duckdb_sweep import unswept
from tunelake.lake.tables.delta_tables import writing


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased: rows by table, and answers of the landing log."""

    rows: dict[str, int]
    pages: int


def erase_user(home: Home, source: str, user: str) -> Erased:
    """Erase the plays of a user, the answers they came from, and what tells of these.

    All that was appended must have been landed. When it fails it can be done again.

    Raises:
        Retryable: Another process is landing this home.
        Fatal: A file cannot be written.
    """
    with exclusive(home, "lander"):
        places, ids = _pages(home, source, user)
        pages = redact(home, places)
        named = pc.field("page_id").isin(pa.array(ids, pa.string()))
        theirs = (pc.field("source") == source) & (pc.field("user_id") == user)
        # The index of the pages comes last: it is what finds them when this has to be done again.
        rows = {
            "listens": _without(home, "listens", theirs),
            "quarantine": _without(home, "quarantine", named),
            "raw_pages": _without(home, "raw_pages", named),
        }
    return Erased(rows=rows, pages=pages)


def _pages(home: Home, source: str, user: str) -> tuple[list[Place], list[str]]:
    table = _open(home, "raw_pages")
    places: dict[Place, str] = {}
    if table is None:
        return [], []
    columns = ["segment", "offset", "length", "page_id", "params"]
    wanted = (pc.field("source") == source) & pc.match_substring(pc.field("params"), "user=")
    for batch in table.to_pyarrow_dataset().to_batches(columns=columns, filter=wanted):
        for row in batch.to_pylist():
            if ("user", user) in parse_qsl(row["params"]):
                places[row["segment"], row["offset"], row["length"]] = row["page_id"]
    return sorted(places), list(places.values())


def _without(home: Home, name: str, leaving: pc.Expression) -> int:
    """Write a table without some rows; how many they were."""
    table = _open(home, name)
    if table is None:
        return 0
    data = table.to_pyarrow_dataset()
    count: int = data.count_rows(filter=leaving)
    if not count:
        return 0
    schema = log_schema(load()[name])
    staying = (~leaving) | leaving.is_null()
    scanner = data.scanner(columns=schema.names, filter=staying)
    rows = pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in scanner.to_batches()))
    # The next maintenance removes the old files as soon as nobody reads them.
    unswept(home, name).touch()
    try:
        write_deltalake(table, rows, mode="overwrite", writer_properties=writing(schema))
    except (DeltaError, OSError) as error:
        raise Fatal(f"cannot write table '{name}' without the rows that are to go: {error}") from error
    return count


def _open(home: Home, name: str) -> DeltaTable | None:
    return (home.tables / name).delta()
