"""Publish all artists, or a few, from the marts to the stores that serve."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from string import Template
from typing import TYPE_CHECKING, Any

import msgspec

from tunelake.domain.cards import ArtistDocument
from tunelake.mart.ports import Engine
from tunelake.publish.documents import documents, genre_rows
from tunelake.publish.names import name_rows
from tunelake.publish.ports import CatalogueStore, DocumentStore
from tunelake.publish.schema import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 2_000  # rows turned into Python values at once

_PROFILES = Template("""
select p.*, f.collected, f.danceability, f.energy, f.loudness, f.speechiness, f.acousticness,
  f.instrumentalness
from artist_profile as p
join artist_facts as f on f.entity_id = p.entity_id
where $which
order by p.entity_id
""")
_TOP_TRACKS = Template("select * from artist_top_tracks as p where $which order by p.entity_id, market, rank")
_RELEASES = Template("""
select * from discography as p where $which order by p.entity_id, date desc nulls last, name, album_id
""")
_NEIGHBOURS = Template("""
select p.*, other.name, other.image_url
from similar_artists as p
join artist_profile as other on other.entity_id = p.other_entity_id
where $which
order by p.entity_id, rank
""")
_COUNT = Template("select count(*) from $mart as p where $which")
_GENRES = Template("select coalesce(sum(len(genres)), 0) from artist_profile as p where $which")
_PLAIN = Template("select $columns from $mart as p where $which")


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was published.

    Attributes:
        documents: Documents in the key-value store (of the artists asked for).
        rows: Rows by table of the catalogue (of the artists asked for).
        seconds: The whole run.
    """

    documents: int
    rows: dict[str, int]
    seconds: float


def publish_all(
    engine: Engine,
    catalogue: CatalogueStore,
    store: DocumentStore,
    market: str = "US",
    clock: Callable[[], float] = time.perf_counter,
) -> PublishReport:
    """Put the marts' whole set in place of what the stores hold; what is no longer in the marts is gone.

    Each store changes at once, documents first: a name never leads to a document that is not there yet.

    Args:
        engine: Sees the marts.
        catalogue: The relational store.
        store: The key-value store.
        market: The market whose top tracks a document shows.
        clock: Seconds that only grow.

    Raises:
        Fatal: A store failed, or would hold other counts than the marts; that store's set before stays.
    """
    start = clock()
    chosen = _Chosen(engine, "true", market)
    expected = chosen.counts()
    store.replace(chosen, expected["artists"])
    catalogue.replace(chosen.rows(), expected)
    return PublishReport(documents=expected["artists"], rows=catalogue.counts(), seconds=clock() - start)


def publish_artists(
    engine: Engine,
    entity_ids: Collection[str],
    catalogue: CatalogueStore,
    store: DocumentStore,
    market: str = "US",
    clock: Callable[[], float] = time.perf_counter,
) -> PublishReport:
    """Publish some artists as the marts have them now; one that is not in the marts is removed.

    Arguments and errors are those of `publish_all`.
    """
    start = clock()
    chosen = _Chosen(engine, _one_of(entity_ids), market)
    store.replace_artists(entity_ids, chosen)
    catalogue.replace_artists(entity_ids, chosen.rows())
    expected = chosen.counts()
    return PublishReport(documents=expected["artists"], rows=expected, seconds=clock() - start)


def _one_of(entity_ids: Collection[str]) -> str:
    literals = ", ".join("'" + entity_id.replace("'", "''") + "'" for entity_id in sorted(entity_ids))
    return f"p.entity_id in ({literals})" if literals else "false"


class _Chosen:
    """Chosen artists in the marts, read when iterated; documents may be iterated more than once."""

    def __init__(self, engine: Engine, which: str, market: str) -> None:
        self._engine = engine
        self._which = which
        self._market = market

    def __iter__(self) -> Iterator[ArtistDocument]:
        return documents(
            _python(self._select(_PROFILES)),
            _python(self._select(_TOP_TRACKS)),
            _python(self._select(_RELEASES)),
            _python(self._select(_NEIGHBOURS)),
            self._market,
        )

    def counts(self) -> dict[str, int]:
        """Count what each table must hold, by the marts alone."""
        found = {table.name: self._number(_COUNT, mart=table.mart) for table in TABLES if table.mart}
        return found | {"artist_genres": self._number(_GENRES)}

    def rows(self) -> dict[str, Iterable[tuple[Any, ...]]]:
        """Give the rows of every table of the catalogue."""
        profiles = list(_python(self._select(_PROFILES)))
        plain: dict[str, Iterable[tuple[Any, ...]]] = {
            table.name: _tuples(self._select(_PLAIN, columns=", ".join(table.names), mart=table.mart))
            for table in TABLES
            if table.mart
        }
        return plain | {
            "artist_genres": [row for profile in profiles for row in genre_rows(profile)],
            "names": [
                row for profile in profiles for row in name_rows(profile, collected=profile["collected"])
            ],
        }

    def _select(self, sql: Template, **words: str) -> pa.Table:
        return self._engine.select(sql.substitute(which=self._which, **words))

    def _number(self, sql: Template, **words: str) -> int:
        return int(self._select(sql, **words).column(0)[0].as_py())


def _python(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        columns: Sequence[list[Any]] = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True)
