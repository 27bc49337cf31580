"""What is to be published of chosen artists, read from the marts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from string import Template
from typing import TYPE_CHECKING, Any

from tunelake.domain.cards import ArtistDocument
from tunelake.mart.ports import Engine
from tunelake.publish.documents import documents, genre_rows
from tunelake.publish.names import Named, named
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
_PLAIN = Template("select $columns from $mart as p where $which order by p.entity_id")
_BESIDE = Template("select distinct other_entity_id from similar_artists as p where $which")


class Chosen:
    """Chosen artists in the marts, read when iterated; documents may be iterated more than once.

    Args:
        engine: Sees the marts.
        entity_ids: Which artists; None for all.
        market: The market whose top tracks a document shows.
    """

    def __init__(self, engine: Engine, entity_ids: Collection[str] | None, market: str) -> None:
        self._engine = engine
        self._which = "true" if entity_ids is None else _one_of(entity_ids)
        self._market = market

    def __iter__(self) -> Iterator[ArtistDocument]:
        return documents(
            self._profiles(),
            _python(self._select(_TOP_TRACKS)),
            _python(self._select(_RELEASES)),
            _python(self._select(_NEIGHBOURS)),
            self._market,
        )

    def names(self) -> Iterator[Named]:
        """Give the names that lead to the artists."""
        for profile in self._profiles():
            yield from named(profile, collected=profile["collected"])

    def counts(self) -> dict[str, int]:
        """Count what each table must hold, by the marts alone."""
        found = {table.name: self._number(_COUNT, mart=table.mart) for table in TABLES if table.mart}
        return found | {"artist_genres": self._number(_GENRES)}

    def rows(self) -> dict[str, Iterable[tuple[Any, ...]]]:
        """Give the rows of every table of the catalogue, each to be iterated once."""
        plain: dict[str, Iterable[tuple[Any, ...]]] = {
            table.name: self._plain(table.mart, table.names) for table in TABLES if table.mart
        }
        return plain | {
            "artist_genres": (row for profile in self._profiles() for row in genre_rows(profile)),
            "names": (name.row for name in self.names()),
        }

    def beside(self) -> set[str]:
        """Name the artists that the chosen ones are shown with."""
        return set(self._select(_BESIDE).column(0).to_pylist())

    def _profiles(self) -> Iterator[dict[str, Any]]:
        return _python(self._select(_PROFILES))

    def _plain(self, mart: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        yield from _tuples(self._select(_PLAIN, columns=", ".join(columns), mart=mart))

    def _select(self, sql: Template, **words: str) -> pa.Table:
        return self._engine.select(sql.substitute(which=self._which, **words))

    def _number(self, sql: Template, **words: str) -> int:
        return int(self._select(sql, **words).column(0)[0].as_py())


def _one_of(entity_ids: Collection[str]) -> str:
    literals = ", ".join("'" + entity_id.replace("'", "''") + "'" for entity_id in sorted(entity_ids))
    return f"p.entity_id in ({literals})" if literals else "false"


def _python(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        columns: Sequence[list[Any]] = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True)
