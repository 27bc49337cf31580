"""The ledgers in a control database, counted: what is asked, whatever answers it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tunelake.observe.status import OTHER, LedgerState, added

Read = Callable[[str], list[tuple[Any, ...]]]
"""Reads the rows of a query; none when there is no such table."""
_STATES = "select server, kind, state, count(*) from {} group by server, kind, state"
_SHORT = """
select server, count(*) from entities
where state = 'fetched' and total <> seen group by server
"""
_CLOSED = "select distinct server, endpoint from gates where state <> 'fetched' order by endpoint"


def counted(read: Read, sources: Mapping[str, str]) -> list[LedgerState]:
    """Count what the ledgers hold.

    Args:
        read: Reads from the control database.
        sources: The sources that are configured, with the bases of their APIs.
    """
    wants, things = _states(read, "wants"), _states(read, "entities")
    short: dict[str, int] = dict(read(_SHORT))
    closed = read(_CLOSED)
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


def _states(read: Read, table: str) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for server, kind, state, count in read(_STATES.format(table)):
        found.setdefault(server, {}).setdefault(kind, {})[state] = count
    return found
