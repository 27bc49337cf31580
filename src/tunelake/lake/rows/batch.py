"""The rows of one round of pages on their way into the tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tunelake.domain.rows import Rejected, Rows
from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.landing.segments import Stored
from tunelake.lake.rows.typed import PAGE, Gather, Misfit

RAW_PAGES = "raw_pages"
QUARANTINE = "quarantine"


class Batch:
    """The rows of one round.

    Attributes:
        pages: The pages of the round in order, then older ones that are read again; without bodies,
            so that a round needs the memory of its rows alone.
        bytes: Length of the bodies of the round's own pages.
        gathered: Rows of all tables so far, a repeated one as often as it was told.
        rejected: Rows of the round that could not be taken so far.
        dropped: Pages of which something was dropped before they landed.
    """

    def __init__(self, expire: Mapping[str, timedelta]) -> None:
        """Start a round.

        Args:
            expire: How long rows may be kept, by rights tag.
        """
        self.pages: list[Stored] = []
        self.bytes = 0
        self.gathered = 0
        self.rejected = 0
        self.dropped = 0
        self._new = 0
        self._expire = expire
        self._gathers: dict[str, Gather] = {}
        self._holed: set[str] = set()
        self._rights: dict[tuple[str, int], str] = {}

    def __len__(self) -> int:
        """Count the round's own pages."""
        return self._new

    @property
    def end(self) -> int:
        """Position after the round."""
        return self.pages[self._new - 1].end

    @property
    def since(self) -> datetime:
        """The earliest time that the round's own pages tell of."""
        return min(stored.page.observed_at for stored in self.pages[: self._new])

    def add(self, stored: Stored, rows: Rows) -> None:
        """Take the next page of the round and what it says."""
        self._new += 1
        self.bytes += stored.size
        self._read(stored, rows)

    def add_again(self, stored: Stored, rows: Rows) -> None:
        """Take a page of an earlier round whose rows may matter again; the round's own come first."""
        self._read(stored, rows)

    def _read(self, stored: Stored, rows: Rows) -> None:
        number = len(self.pages)
        page = stored.page
        self.pages.append(msgspec.structs.replace(stored, page=msgspec.structs.replace(page, body=b"")))
        for table, columns in rows.tables.items():
            self.gathered += len(next(iter(columns.values()), ()))
            self._gather(table).add(number, columns)
        for table, owners in rows.empty_sets.items():
            self._gather(table).add_empty(number, owners)
        for table, rights in rows.rights.items():
            self._rights[table, number] = rights
        if stored.page.listing is None:
            self._holed.update(f"{table} {_reading(stored)}" for table in rows.partial)
        if rows.rejected:
            self._holed.add(_reading(stored))
            self._reject(number, rows.rejected)

    def tables(self) -> list[str]:
        """List the tables that have rows, the lake's own left out."""
        return sorted(self._gathers.keys() - {QUARANTINE, RAW_PAGES})

    def index(self) -> None:
        """Make the row of each page in `raw_pages`."""
        rows = [_index_row(stored) for stored in self.pages[: self._new]]
        self._gather(RAW_PAGES).add_each({name: [row[name] for row in rows] for name in rows[0]})

    def rows(self, contract: Contract, after: int) -> pa.Table:
        """Build the typed rows of a table; those of pages before a position are in it already.

        Returns:
            The contract's columns, `_page` (index in `pages`), `_row`, and in row tables `_absent`; in
            the order of time, then page, then place in the page.
        """
        gather = self._gathers.get(contract.table)
        if gather is None:
            return pa.table({})
        typed = gather.finish()
        for misfit in typed.misfits:
            self._misfit(contract, misfit)
        rows = typed.rows
        if after > self.pages[0].position:
            had = pa.array(
                [at < self._new and stored.position < after for at, stored in enumerate(self.pages)]
            )
            rows = rows.filter(pc.invert(had.take(rows.column(PAGE))))
        return self._in_order(rows)

    def _in_order(self, rows: pa.Table) -> pa.Table:
        moments = [(stored.page.observed_at, stored.page.page_id) for stored in self.pages]
        order = sorted(range(len(moments)), key=moments.__getitem__)
        if order == list(range(len(moments))):
            return rows
        place = pa.array(sorted(order, key=order.__getitem__), pa.int32())
        return rows.take(pc.sort_indices(place.take(rows.column(PAGE))))

    def system(self, contract: Contract) -> pa.Table:
        """Build what the lake adds to the rows of each page: row i is that of `pages[i]`."""
        pages = [stored.page for stored in self.pages]
        rights = [self._rights.get((contract.table, at), page.rights) for at, page in enumerate(pages)]
        times = pa.timestamp("us", tz="UTC")
        columns = {
            "source": pa.array([page.source for page in pages]),
            "observed_at": pa.array([page.observed_at for page in pages], times),
            "expires_at": pa.array(
                [self._expires(tag, page.observed_at) for tag, page in zip(rights, pages, strict=True)], times
            ),
            "rights": pa.array(rights),
            "page_id": pa.array([page.page_id for page in pages]),
        }
        if contract.is_set:
            columns["_whole"] = pa.array([self._is_whole(contract, stored) for stored in self.pages])
        return pa.table(columns)

    def _is_whole(self, contract: Contract, stored: Stored) -> bool:
        """Tell whether sets are complete with this page; one with a row left out never is."""
        if f"{contract.table} {_reading(stored)}" in self._holed:
            return False
        if not contract.paged:
            return True
        listing = stored.page.listing
        return _reading(stored) not in self._holed and (listing is None or listing.whole)

    def _expires(self, rights: str, observed_at: datetime) -> datetime | None:
        after = self._expire.get(rights)
        return None if after is None else observed_at + after

    def _misfit(self, contract: Contract, misfit: Misfit) -> None:
        self._holed.add(f"{contract.table} {_reading(self.pages[misfit.page])}")
        where = f"{contract.table}[{misfit.row}]"
        self._reject(misfit.page, [Rejected(where=where, reason=misfit.reason)])

    def _reject(self, number: int, rejected: list[Rejected]) -> None:
        if number >= self._new:
            return
        self.rejected += len(rejected)
        endpoint = self.pages[number].page.endpoint
        columns = {
            "where": [one.where for one in rejected],
            "endpoint": [endpoint] * len(rejected),
            "reason": [one.reason for one in rejected],
        }
        self._gather(QUARANTINE).add(number, columns)

    def _gather(self, table: str) -> Gather:
        found = self._gathers.get(table)
        if found is None:
            contract = load().get(table)
            if contract is None:
                raise Fatal(f"a reader gave rows of table '{table}', which has no contract")
            found = self._gathers[table] = Gather(contract)
        return found


def _reading(stored: Stored) -> str:
    """Name the reading a page belongs to: its listing, or the page alone."""
    listing = stored.page.listing
    return listing.listing_id if listing else stored.page.page_id


def _index_row(stored: Stored) -> dict[str, object]:
    page, listing = stored.page, stored.page.listing
    return {
        "endpoint": page.endpoint,
        "path": page.path,
        "params": urlencode(page.params),
        "status": page.status,
        "fetched_at": page.fetched_at,
        "body_hash": stored.body_hash,
        "bytes": stored.size,
        "segment": stored.segment,
        "offset": stored.offset,
        "length": stored.length,
        "listing_id": listing.listing_id if listing else None,
        "listing_offset": listing.offset if listing else None,
        "listing_total": listing.total if listing else None,
        "listing_whole": listing.whole if listing else None,
    }
