"""An artist's card from answers that are kept but in no table yet; made by what makes every card."""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from tunelake.domain.cards import ArtistDocument
from tunelake.domain.rows import Reader
from tunelake.errors import Fatal
from tunelake.lake.history.latest import literal
from tunelake.lake.lake import Lake
from tunelake.lake.locks.leases import leased
from tunelake.mart import ahead
from tunelake.mart.ports import Engine

if TYPE_CHECKING:
    from tunelake.lake.tables.delta_tables import DeltaTables
    from tunelake.mart.duckdb_ahead import Look

_MARTS = (ahead.IDENTITY, *ahead.OF_EVERYBODY)


class Ahead:
    """Makes cards ahead of landing and publishing; safe to share between threads.

    Args:
        lake: The lake.
        reader: Turns pages into rows.
        stated: Rights the operator states to hold.
        market: Market whose top tracks a card shows.
    """

    def __init__(self, lake: Lake, reader: Reader, *, stated: Collection[str], market: str) -> None:
        self._lake = lake
        self._reader = reader
        self._stated = stated
        self._market = market
        self._looking = threading.Lock()

    @cached_property
    def _tables(self) -> DeltaTables:
        from tunelake.lake.tables.delta_tables import DeltaTables

        return DeltaTables(self._lake.home.tables)

    @cached_property
    def _marts(self) -> DeltaTables:
        from tunelake.lake.tables.delta_tables import DeltaTables

        return DeltaTables(self._lake.home.marts)

    def reading(self) -> AbstractContextManager[None]:
        """Hold what is looked at in the block: no file of it goes away."""
        return leased(self._lake.home)

    def end(self) -> int:
        """The position after the last answer that is kept."""
        return self._lake.landing.end()

    def look(self) -> Look:
        """Look at the lake as it is now, within `reading`.

        Raises:
            Fatal: A table cannot be read.
        """
        from tunelake.lake.rows.batch import RAW_PAGES
        from tunelake.mart.duckdb_ahead import Look

        with self._looking:
            # The position first: what lands meanwhile is seen twice, never missed.
            position = self._tables.position(RAW_PAGES)
            logs = {table: self._tables.files(table) for table in ahead.TABLES}
            marts = {mart: files for mart in _MARTS if (files := self._marts.files(mart))}
            return Look(position, logs, marts)

    def documents(self, look: Look, artist_id: str) -> list[ArtistDocument]:
        """Make the card of an artist, and those of artists beside it that were told of with it.

        Args:
            look: The lake as it was before the artist was asked for.
            artist_id: The artist, in the name space of the source.

        Returns:
            The artist's own first.

        Raises:
            Fatal: Nothing tells of the artist, or the lake cannot be read.
        """
        from tunelake.lake.tables.duckdb_tables import open_memory
        from tunelake.lake.unlanded import unlanded
        from tunelake.mart.duckdb_ahead import ahead_engine
        from tunelake.mart.run import model_files
        from tunelake.publish.chosen import Chosen
        from tunelake.similar.run import fold_in

        told = unlanded(self._lake.landing.pages(look.position), self._reader, artist_id)
        files = model_files(self._lake.home.root / "models")
        with open_memory(self._lake.home) as connection:
            sql = ahead_engine(connection, look, told, artist_id, files)
            entity_id = entities_of(sql, [artist_id]).get(artist_id)
            if entity_id is None:
                raise Fatal(f"nothing that was kept tells of artist {artist_id}")
            # Of others that are near only these are known as a whole here; the rest were published before.
            whole = set(sql.table("affected").column(0).to_pylist())
            shown = Chosen(sql, whole & {*fold_in(sql, entity_id, self._stated)}, self._market)
            return sorted(shown, key=lambda document: document.entity_id != entity_id)


def entities_of(sql: Engine, artist_ids: Collection[str]) -> dict[str, str]:
    """Find the entities of artists, by their ids at the source; those that are in no table are left out."""
    listed = ", ".join(map(literal, artist_ids))
    found = sql.select(f"""
        select id, entity_id from identity
        where kind = 'artist' and id in ({listed}) and source in ('spotify', 'sandbox')
    """)  # noqa: S608  (quoted)
    return dict(zip(*(found.column(name).to_pylist() for name in ("id", "entity_id")), strict=True))
