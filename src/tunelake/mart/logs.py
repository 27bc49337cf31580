"""Queries over the logs of tables that cost what they ask for, not what the tables hold. Pure.

A table's log is the view `<table>_log`, private columns included.
"""

from __future__ import annotations

from collections.abc import Sequence

from tunelake.lake.contracts.contract import ddl, load
from tunelake.lake.history import latest
from tunelake.mart.model import Model


def log(table: str) -> str:
    """Name a table's log."""
    return f"{table}_log"


def of(table: str, keys: str, by: Sequence[str]) -> str:
    """Write the query of a log's rows of some keys.

    Args:
        table: The table.
        keys: A relation that has the columns `by`.
        by: Columns of what identifies a row, or an owner of a set: else a row would not be seen whole.
    """
    return among(log(table), keys, by)


def among(rows: str, keys: str, by: Sequence[str]) -> str:
    """Write the query of rows of some keys; see `of`."""
    return f"select * from {near(rows, keys, by)}"  # noqa: S608  (our own names)


def near(rows: str, keys: str, by: Sequence[str]) -> str:
    """Write the rows that have one of some keys, as what a FROM reads.

    The last column of a key tells nearly all apart: to look for it alone first costs a third less.
    """
    joined = f"{rows} semi join {keys} using ({_names(by[-1:])})"
    if len(by) == 1:
        return joined
    return f"(select * from {joined}) as likely semi join {keys} using ({_names(by)})"  # noqa: S608  (our own names)


def now(table: str, keys: str, by: Sequence[str]) -> str:
    """Write the query of the current rows of some keys; see `of`."""
    return current(table, f"({of(table, keys, by)})")


def current(table: str, rows: str) -> str:
    """Write the query of what is now by rows of a table's log, a relation."""
    return latest.current(load()[table], rows)


def before(table: str, rows: str, added: str) -> str:
    """Write the query of what was by rows of a table's log before some were added, both relations."""
    # What a page tells of a key is added at once.
    same = _names((*identity(table), "observed_at", "page_id"))
    earlier = f"(select * from {rows} anti join {added} using ({same}))"  # noqa: S608  (our own names)
    return latest.current(load()[table], earlier)


def none(table: str) -> str:
    """Write the query of no rows of a table, with its columns."""
    columns = (f"null::{kind} as {latest.name(name)}" for name, kind in ddl(load()[table]).items())
    return f"select {', '.join(columns)} where false"


def told_keys(table: str, added: str) -> str:
    """Write the query of the keys, or owners, that added rows tell of."""
    return f"select distinct {_names(load()[table].identity)} from {added}"  # noqa: S608  (our own names)


def _names(columns: Sequence[str]) -> str:
    return latest.names(list(columns))


def identity(table: str) -> tuple[str, ...]:
    """Give the columns that identify a row, or the owner of a set."""
    return load()[table].identity


def summed(model: Model, kept: str, was: str, now: str) -> str:
    """Write the query of a mart of sums: what changed is taken off and put on.

    Args:
        model: Its model; its sums are of whole numbers.
        kept: The mart as it was, a relation.
        was: SQL of the sums over the changed rows as they were.
        now: SQL of the sums over them as they are now.
    """
    grain = ", ".join(model.grain)
    plus, minus = (", ".join(f"{sign}{name} as {name}" for name in model.sums) for sign in ("", "-"))
    signed = ((plus, kept), (minus, f"({was})"), (plus, f"({now})"))
    parts = [f"select {grain}, {each} from {rows}" for each, rows in signed]  # noqa: S608  (our own SQL)
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in model.sums)
    some = " or ".join(f"sum({name}) <> 0" for name in model.sums)
    together = " union all ".join(parts)
    found = f"select {grain}, {sums} from ({together}) group by {grain} having {some}"  # noqa: S608
    # The first part gives the columns their order.
    return f"select * from {kept} where false union all by name {found}"  # noqa: S608
