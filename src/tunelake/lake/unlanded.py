"""What answers tell of one artist that are kept but in no table yet, as rows of the tables' logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tunelake.domain.pages import Page
from tunelake.domain.rows import Reader, Rows
from tunelake.lake.contracts.contract import SYSTEM, load
from tunelake.lake.history.duckdb_news import complete, new_rows
from tunelake.lake.landing.segments import Stored
from tunelake.lake.rows.batch import QUARANTINE, RAW_PAGES, Batch
from tunelake.lake.rows.typed import PAGE

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_GOOD = range(200, 300)
_FEATURES = "audio_features"


def unlanded(pages: Iterable[Stored], reader: Reader, artist_id: str) -> dict[str, pa.Table]:
    """Read what pages tell of an artist, and of all they name beside it.

    Args:
        pages: In the order in which they were kept; features of tracks come after what names the tracks.
        reader: Turns pages into rows.
        artist_id: The artist.

    Returns:
        Rows by table, with every column of its log but the hashes.
    """
    batch = Batch({})
    for stored, rows in _telling(pages, reader, artist_id):
        batch.add(stored, rows)
    if not len(batch):
        return {}
    batch.index()
    return {
        table: complete(rows, batch.system(load()[table])).drop_columns([PAGE])
        for table in (*batch.tables(), RAW_PAGES)
        if table != QUARANTINE and (rows := batch.rows(load()[table], after=0)).num_rows
    }


def that_say_something(
    connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, files: list[str]
) -> pa.Table:
    """Leave out rows that say nothing new, as a landing does.

    Args:
        connection: An open connection; it keeps nothing of this.
        table: The table.
        rows: As `unlanded` gives them.
        files: Of the table's log.
    """
    import pyarrow as pa

    added = [column.name for column in SYSTEM]
    own = rows.drop_columns(added).append_column(PAGE, pa.array(range(rows.num_rows), pa.int32()))
    return new_rows(connection, load()[table], own, rows.select(added), files).rows


def _telling(pages: Iterable[Stored], reader: Reader, artist_id: str) -> Iterator[tuple[Stored, Rows]]:
    tracks: set[str] = set()
    for stored in pages:
        page = stored.page
        if page.status not in _GOOD or not _tells(page, artist_id, tracks):
            continue
        rows = reader(page)
        tracks.update(rows.tables.get("tracks", {}).get("track_id", ()))
        yield stored, rows


def _tells(page: Page, artist_id: str, tracks: set[str]) -> bool:
    """Tell whether a page names the artist, or is of features of a track that such a page named."""
    if page.endpoint == _FEATURES:
        asked = [page.path.rpartition("/")[2], *(value for _, value in page.params)]
        return any(not tracks.isdisjoint(each.split(",")) for each in asked)
    return artist_id in page.path or artist_id.encode() in page.body
