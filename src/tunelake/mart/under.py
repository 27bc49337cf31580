"""What the rows of each table are under now, asked of an engine."""

from __future__ import annotations

from tunelake.lake.contracts.contract import load
from tunelake.mart.ports import Engine
from tunelake.mart.rights import TableRights

_TABLE = (
    "select '{name}' as name, coalesce(rights, 'unknown') as rights, min(expires_at) as expires "
    "from {name}_history group by coalesce(rights, 'unknown')"
)


def tables_under(engine: Engine) -> dict[str, TableRights]:
    """Ask for the rights tags and the first expiry of every table, of all that it holds."""
    rows = engine.select(" union all ".join(_TABLE.format(name=name) for name in load())).to_pylist()
    found = {}
    for name in load():
        mine = [row for row in rows if row["name"] == name]
        expires = sorted(row["expires"].isoformat() for row in mine if row["expires"] is not None)
        found[name] = TableRights(
            tags=frozenset(row["rights"] for row in mine), expires=expires[0] if expires else ""
        )
    return found
