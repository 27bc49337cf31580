"""What a card is made of, computed in memory from tables and from answers that are in none yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest
from tunelake.lake.unlanded import that_say_something
from tunelake.mart import ahead
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.logs import log
from tunelake.mart.model import select_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Look(msgspec.Struct, frozen=True):
    """The tables and marts at a moment.

    Attributes:
        position: From where on answers are read that are in no table yet.
        logs: Files of the tables' logs, by table.
        marts: Files of the kept marts, by name; those that are not there yet are left out.
    """

    position: int
    logs: Mapping[str, list[str]]
    marts: Mapping[str, list[str]]

    def since(self, position: int) -> Look:
        """Read no answer from before a position."""
        return msgspec.structs.replace(self, position=max(self.position, position))


def ahead_engine(
    connection: duckdb.DuckDBPyConnection,
    look: Look,
    told: Mapping[str, pa.Table],
    asked: str,
    files: Mapping[str, str],
) -> DuckdbEngine:
    """Compute what the cards of an artist and of those told of with it are made of.

    Args:
        connection: An empty one, to be filled.
        look: The lake.
        told: Rows of tables that are in none yet, by table.
        asked: Id of the artist in the name space of its source.
        files: Models, by name.

    Returns:
        An engine that sees the marts of `ahead.SHOWN`, as they will be; it keeps nothing.

    Raises:
        ConfigError: A model cannot be read.
        Fatal: The tables cannot be read.
    """
    engine = DuckdbEngine(connection, lambda _name, _rows: None)
    for table, rows in told.items():
        connection.register(ahead.fresh(table), rows)
    if "artists" in told:
        news = that_say_something(connection, "artists", told["artists"], look.logs["artists"])
        connection.register(ahead.news("artists"), news)
    else:
        engine.view(ahead.fresh("artists"), latest.log(load()["artists"], []))
    for table in ahead.TABLES:
        engine.view(log(table), ahead.log(table, look.logs.get(table, []), told))
    _identify(engine, look, asked, select_of(ahead.IDENTITY, files[ahead.IDENTITY]))
    engine.build("affected", ahead.affected(asked))
    for name, sql in ahead.around():
        engine.build(name, sql)
    engine.view(ahead.IDENTITY, "from near_identity")
    for mart, sql in ahead.needed(files).items():
        engine.build(ahead.part(mart), ahead.of_affected(sql))
        engine.view(mart, f"from {ahead.part(mart)}")
    for mart in ahead.OF_EVERYBODY:
        if mart in look.marts:
            engine.view(mart, ahead.among(mart, _kept(look.marts[mart])))
    return engine


def _identify(engine: DuckdbEngine, look: Look, asked: str, model: str) -> None:
    for table, sql in ahead.before_identity(model, asked):
        engine.view(table, sql)
    engine.build(ahead.TOLD_IDENTITY, model)
    kept = look.marts.get(ahead.IDENTITY)
    engine.view(ahead.IDENTITY, ahead.identity(_kept(kept)) if kept else f"from {ahead.TOLD_IDENTITY}")


def _kept(files: list[str]) -> str:
    listed = ", ".join(map(latest.literal, files))
    return f"read_parquet([{listed}], union_by_name = true)"
