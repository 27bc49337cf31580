"""What alters an artist, and which marts that concerns. Pure.

A cause is a table that tells of artists, "track" or "album" for what tells of those, or "identity". A mart
is computed anew for the artists altered by what it reads, and for those whose rows in a mart it reads are
others: an artist whose popularity alone changed is no reason to look at its tracks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tunelake.mart import scope
from tunelake.mart.model import Model, named

KEPT = "causes"
"""The relation of the altered: `entity_id`, `cause`."""


def of_model(model: Model) -> frozenset[str]:
    """Name the causes by which rows of a mart may be others, those of the marts it reads left out."""
    tables = {name.removesuffix("_history") for name in model.reads} & scope.TABLES
    return frozenset({scope.cause(table) for table in tables} | {scope.IDENTITY})


def deep(models: Iterable[Model]) -> frozenset[str]:
    """Name the causes by which tables of tracks and albums are asked; `models` come in the order they run."""
    through: dict[str, frozenset[str]] = {}
    found: set[str] = set()
    for model in models:
        if model.follows != "entity":
            continue
        mine = of_model(model).union(*(through.get(name, frozenset()) for name in model.reads))
        through[model.name] = mine
        if model.reads & scope.DEEP:
            found |= mine
    return frozenset(found)


def concerned(model: Model, changed: Mapping[str, tuple[str, str, Sequence[str]]]) -> str:
    """Write the query of the entities that a mart is to be computed for.

    Args:
        model: Its model.
        changed: Of marts it reads: the relation of the rows that are no more, that of the rows that were not
            before, and their columns.
    """
    listed = ", ".join(f"'{name}'" for name in sorted(of_model(model)))
    found = [f"select entity_id from {KEPT} where cause in ({listed})"]  # noqa: S608  (our own names)
    for mart, (gone, fresh, columns) in sorted(changed.items()):
        read = ", ".join(sorted({"entity_id"} | named(model.name, model.sql, mart, columns)))
        both = f"select {read}, 1 as n from {fresh} union all select {read}, -1 from {gone}"  # noqa: S608
        # Rows that are others only in columns that nobody reads here come out even.
        others = f"select {read} from ({both}) as changed group by all having sum(n) <> 0"  # noqa: S608
        found.append(f"select entity_id from ({others}) as others")  # noqa: S608
    return " union ".join(found)
