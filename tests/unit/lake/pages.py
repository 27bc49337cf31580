"""Pages that say their rows plainly, for tests of the lake: the body is JSON of rows by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tunelake.domain.pages import Listing, Page, fingerprint, page_id
from tunelake.domain.rows import Rejected, Rows

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def make(
    seconds: float,
    tables: dict[str, list[dict[str, Any]]],
    *,
    empty: dict[str, list[list[str]]] | None = None,
    rejected: int = 0,
    listing: Listing | None = None,
    source: str = "plain",
    status: int = 200,
    nonce: int = 0,
) -> Page:
    body = msgspec.json.encode({"tables": tables, "empty": empty or {}, "rejected": rejected, "nonce": nonce})
    return Page(
        page_id=page_id(fingerprint(source, "/rows", ()), at(seconds), body),
        source=source,
        rights="all",
        endpoint="rows",
        path="/rows",
        params=(("limit", "50"),),
        status=status,
        fetched_at=at(seconds),
        headers={"etag": '"1"'},
        body=body,
        listing=listing,
    )


def reading(name: str, seconds: float, *, offset: int = 0, whole: bool = True) -> Listing:
    return Listing(listing_id=name, started_at=at(seconds), offset=offset, total=None, whole=whole)


def read(page: Page) -> Rows:
    said = msgspec.json.decode(page.body)
    tables = {}
    for table, rows in said["tables"].items():
        columns = dict.fromkeys(column for row in rows for column in row)
        tables[table] = {column: [row.get(column, msgspec.UNSET) for row in rows] for column in columns}
    return Rows(
        tables={table: columns for table, columns in tables.items() if columns},
        empty_sets={table: [tuple(owner) for owner in owners] for table, owners in said["empty"].items()},
        rejected=[Rejected(where=f"$[{n}]", reason="told so") for n in range(said["rejected"])],
    )
