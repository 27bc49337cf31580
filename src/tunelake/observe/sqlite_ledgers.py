"""The ledgers in the control database, counted by SQLite itself, beside whoever writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tunelake.errors import ConfigError
from tunelake.observe.status import OTHER, LedgerState, added

_WAIT_S = 2.0
_STATES = "select server, kind, state, count(*) from {} group by server, kind, state"
_SHORT = """
select server, count(*) from entities
where state = 'fetched' and total <> seen group by server
"""
_CLOSED = "select distinct server, endpoint from gates where state <> 'fetched' order by endpoint"


def ledgers(control: Path, sources: Mapping[str, str]) -> list[LedgerState]:
    """Count what the ledgers hold.

    Args:
        control: The control database.
        sources: The sources that are configured, with the bases of their APIs.

    Raises:
        ConfigError: The database cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"file:{control}?mode=ro", uri=True, timeout=_WAIT_S)) as base:
            wants, things = _states(base, "wants"), _states(base, "entities")
            short = dict(_rows(base, _SHORT))
            closed = _rows(base, _CLOSED)
    except sqlite3.DatabaseError as error:
        raise ConfigError(
            f"the control database {control} cannot be read ({error}): if it is damaged, "
            "`tunelake ledger --rebuild` makes it anew from the answers that are kept"
        ) from error
    names = {server: source for source, server in sources.items()}
    found: dict[str, LedgerState] = {}
    for server in {*wants, *things}:
        one = LedgerState(
            source=names.get(server, OTHER),
            server=server,
            wants=wants.get(server, {}),
            things=things.get(server, {}),
            short=short.get(server, 0),
            closed=[endpoint for of, endpoint in closed if of == server],
        )
        found[one.source] = added(found[one.source], one) if one.source in found else one
    return [found[source] for source in (*sources, OTHER) if source in found]


def _states(base: sqlite3.Connection, table: str) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for server, kind, state, count in _rows(base, _STATES.format(table)):
        found.setdefault(server, {}).setdefault(kind, {})[state] = count
    return found


def _rows(base: sqlite3.Connection, query: str) -> list[tuple]:  # type: ignore[type-arg]  # of any columns
    try:
        return base.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
