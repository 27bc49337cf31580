"""Where the values of a mart's columns come from: column by column, back to the contracts. Pure.

Only values count: a column that decides which rows are there, but is not shown, is no origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load, public
from tunelake.mart.model import Model


class Origin(msgspec.Struct, frozen=True, order=True):
    """A column of a table or mart."""

    table: str
    column: str


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """A mart's columns, in order, and where the values of each come from.

    Attributes:
        direct: Columns of the tables and marts that its model reads.
        roots: Columns of tables with a contract, through whatever marts lie between.
    """

    mart: str
    direct: Mapping[str, tuple[Origin, ...]]
    roots: Mapping[str, tuple[Origin, ...]]


def trace(models: Sequence[Model]) -> dict[str, Traced]:
    """Trace the columns of models, which come in the order they run.

    Raises:
        ConfigError: A model shows a column that cannot be traced.
    """
    columns = {name: tuple(column.name for column in public(contract)) for name, contract in load().items()}
    columns |= {f"{name}_history": known for name, known in list(columns.items())}
    found: dict[str, Traced] = {}
    for model in models:
        seen = tuple(sorted((name, columns[name]) for name in model.reads if name in columns))
        direct = _direct(model.name, model.sql, seen)
        columns[model.name] = tuple(direct)
        found[model.name] = Traced(
            mart=model.name,
            direct=direct,
            roots={column: _roots(origins, found) for column, origins in direct.items()},
        )
    return found


def _roots(origins: Iterable[Origin], found: Mapping[str, Traced]) -> tuple[Origin, ...]:
    roots: set[Origin] = set()
    for origin in origins:
        if origin.table in found:
            roots.update(found[origin.table].roots[origin.column])
        else:
            roots.add(Origin(origin.table.removesuffix("_history"), origin.column))
    return tuple(sorted(roots))


@cache
def _direct(
    name: str, sql: str, seen: tuple[tuple[str, tuple[str, ...]], ...]
) -> dict[str, tuple[Origin, ...]]:
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    schema: dict[str, Any] = {table: dict.fromkeys(columns, "varchar") for table, columns in seen}
    try:
        nodes: Any = lineage(None, sql, schema, dialect="duckdb", trim_selects=False)
    except SqlglotError as error:
        raise ConfigError(f"model {name} cannot be traced: {error}") from error
    return {column: _leaves(node) for column, node in nodes.items()}


def _leaves(node: Any) -> tuple[Origin, ...]:  # noqa: ANN401  (sqlglot's node)
    from sqlglot import exp

    found = set()
    for each in node.walk():
        if isinstance(each.expression, exp.Table) and not each.downstream:
            found.add(Origin(each.expression.name, each.name.rpartition(".")[2].strip('"')))
    return tuple(sorted(found))
