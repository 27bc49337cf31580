"""What may be done with a mart, by where its columns come from. Pure.

A contract's column has a rights tag of its own, or "row": then the rows say it. A mart's column has the
tags of all columns its values come from; those that only identify (keys, times, receipts) have none.
A mart with a column `rights` tells them row by row, if that column comes from every table that needs it:
who reads the mart then decides by the row. Of any other mart the tags of its tables hold for all rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tunelake.domain.rights import Use, allowed, refusal
from tunelake.lake.contracts.contract import SYSTEM, Contract, load
from tunelake.mart.lineage import Origin, Traced
from tunelake.mart.model import Model

RIGHTS = "rights"
_USES: tuple[Use, ...] = ("display", "model", "export")
_KEPT_BY = "lake"
"""Tables of this steward tell of the lake itself."""


class TableRights(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of a table are under now.

    Attributes:
        tags: Rights tags of its rows.
        expires: When the first of its rows must be gone, as ISO text; "" when all may stay.
    """

    tags: frozenset[str] = frozenset()
    expires: str = ""


class MartRights(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with a mart.

    Attributes:
        columns: Tags that each column is under.
        by_row: True when the rows say it, in a column `rights`.
        untold: Tables whose rights that column leaves out; none may be.
        uses: Whether each use is allowed to all of it.
        expires: When the first row it is made of must be gone; "" when all may stay.
    """

    mart: str
    columns: Mapping[str, tuple[str, ...]]
    by_row: bool
    untold: tuple[str, ...]
    uses: Mapping[str, bool]
    expires: str

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that the mart is under."""
        return tuple(sorted({tag for tags in self.columns.values() for tag in tags}))


def mart_rights(
    traced: Traced, tables: Mapping[str, TableRights], stated: Collection[str] = ()
) -> MartRights:
    """Tell what may be done with a mart.

    Args:
        traced: Where its columns come from.
        tables: What the rows of each table are under.
        stated: Rights the operator states to hold, each "TAG:USE".
    """
    own = {column: _bound(roots) for column, roots in traced.roots.items() if column != RIGHTS}
    columns = {
        column: tuple(sorted({tag for origin in origins for tag in _tags(origin, tables)}))
        for column, origins in own.items()
    }
    sources = {origin.table for origins in own.values() for origin in origins}
    told = {origin.table for origin in traced.roots.get(RIGHTS, ()) if origin.column == RIGHTS}
    tags = {tag for each in columns.values() for tag in each}
    expires = sorted(tables[name].expires for name in sources if name in tables and tables[name].expires)
    return MartRights(
        mart=traced.mart,
        columns=columns,
        by_row=RIGHTS in traced.roots and sources <= told,
        untold=tuple(sorted(sources - told)) if RIGHTS in traced.roots else (),
        uses={use: all(allowed(tag, use, stated) for tag in tags) for use in _USES},
        expires=expires[0] if expires else "",
    )


def _bound(origins: Sequence[Origin]) -> tuple[Origin, ...]:
    """Keep the origins whose values are somebody's content."""
    contracts = load()
    return tuple(origin for origin in origins if _is_content(contracts[origin.table], origin.column))


def _is_content(contract: Contract, column: str) -> bool:
    plain = {*contract.primary_key, *(each.name for each in SYSTEM)}
    return contract.steward != _KEPT_BY and column not in plain


def _tags(origin: Origin, tables: Mapping[str, TableRights]) -> frozenset[str]:
    (column,) = (each for each in load()[origin.table].columns if each.name == origin.column)
    if column.rights != "row":
        return frozenset({column.rights})
    return tables.get(origin.table, TableRights()).tags


def refusals(
    rights: MartRights, use: Use, stated: Collection[str] = (), row_tags: Collection[str] | None = None
) -> list[str]:
    """Say why a mart may not be put to a use; nothing when it may.

    Args:
        rights: What it is under.
        use: What is to be done with it.
        stated: Rights the operator states to hold.
        row_tags: Tags its rows carry, where they say it; its columns' when None.
    """
    tags = rights.tags if row_tags is None or not rights.by_row else row_tags
    barred = [tag for tag in sorted(tags) if not allowed(tag, use, stated)]
    return [f"{rights.mart}{_columns(rights, tag)}: {refusal(tag, use)}" for tag in barred]


def _columns(rights: MartRights, tag: str) -> str:
    under = [column for column, tags in rights.columns.items() if tag in tags]
    return f" ({', '.join(under)})" if under else ""


def model_refusals(model: Model, rights: MartRights, stated: Collection[str] = ()) -> list[str]:
    """Say why a model may not be run for what it is made for; nothing when it may.

    One that tells the rights of its rows may be: who reads it leaves out what is not allowed.
    """
    if rights.by_row:
        return []
    barred = refusals(rights, model.use, stated)
    if barred and rights.untold:
        tables = ", ".join(rights.untold)
        barred.append(f"{model.name}: its column `{RIGHTS}` does not tell those of {tables}, so rows cannot")
    return barred
