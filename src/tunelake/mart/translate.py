"""The SQL of models in other dialects, and over other tables. Pure.

Models are written in DuckDB's dialect, and keep to what other engines know too: joins, grouping, windows,
`array_agg(x order by y)` by values that are never null, `string_agg(x, '+' order by x)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

from tunelake.mart.model import statements

if TYPE_CHECKING:
    from sqlglot import exp

Dialect = Literal["duckdb", "spark", "trino"]


def _parsed(sql: str) -> exp.Expr:
    tree: exp.Expr = statements(sql)[0]
    return tree


def translated(sql: str, dialect: Dialect) -> str:
    """Write a SELECT of DuckDB's dialect in another one; it must mean the same."""
    if dialect == "duckdb":
        return sql
    tree = _parsed(sql).copy()
    if dialect == "spark":
        tree = tree.transform(_for_spark)
    return str(tree.sql(dialect=dialect))


def over(sql: str, names: Mapping[str, str]) -> str:
    """Let a SELECT read other tables in place of those named; its own WITH names stay."""
    return _over(sql, frozenset(names.items()))


@cache
def _over(sql: str, names: frozenset[tuple[str, str]]) -> str:
    from sqlglot import exp

    new_names = dict(names)
    tree = _parsed(sql).copy()
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        new = new_names.get(table.name.lower())
        if new is not None and table.name.lower() not in own:
            alias = table.alias or table.name
            table.replace(exp.to_table(new, dialect="duckdb", alias=alias))
    return str(tree.sql(dialect="duckdb"))


def _for_spark(node: exp.Expr) -> exp.Expr:
    """Put into Spark's words what sqlglot leaves, or loses."""
    from sqlglot import exp

    if isinstance(node, exp.Filter) and _is_sorted(node.this):
        return _collected(node.this, where=f" filter ({node.expression.sql('spark')})")
    if isinstance(node, exp.ArrayAgg) and _is_sorted(node):
        return _collected(node)
    if isinstance(node, exp.GroupConcat):
        return _joined(node)
    if isinstance(node, exp.Split):
        # sqlglot quotes the sign in a way that only Java's patterns know.
        return exp.Anonymous(
            this="split", expressions=[node.this, exp.Literal.string(f"[{node.expression.name}]")]
        )
    if isinstance(node, exp.Anonymous) and node.name.upper() in _SPARKS:
        return exp.Anonymous(this=_SPARKS[node.name.upper()], expressions=node.expressions)
    return node


_SPARKS = {"ARG_MAX_NULL": "max_by", "ROW": "struct"}


def _joined(node: exp.Expr) -> exp.Expr:
    """Write string_agg(x, '+' order by x): beside other distinct counts Spark 4.2 fails on listagg."""
    import sqlglot
    from sqlglot import exp

    (found,) = node.find_all(exp.Order)
    value, name = found.this, "collect_list"
    if isinstance(value, exp.Distinct):
        value, name = value.expressions[0], "collect_set"
    separator = node.args["separator"].sql("spark")
    text = f"array_join(array_sort({name}({value.sql('spark')})), {separator})"
    joined: exp.Expr = sqlglot.parse_one(text, read="spark")
    return joined


def _is_sorted(node: exp.Expr) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Order)


def _collected(node: exp.Expr, where: str = "") -> exp.Expr:
    """Write array_agg(x order by k): collect_list has no order, so sort, then take the value out."""
    import sqlglot
    from sqlglot import exp

    value = node.this.this
    if isinstance(value, exp.Distinct):
        text = f"array_sort(collect_set({value.expressions[0].sql('spark')}){where})"
    else:
        keys = [key.this.sql("spark") for key in node.this.expressions]
        fields = ", ".join([*(f"{key} as k{n}" for n, key in enumerate(keys)), f"{value.sql('spark')} as v"])
        text = f"transform(array_sort(collect_list(struct({fields})){where}), s -> s.v)"
    collected: exp.Expr = sqlglot.parse_one(text, read="spark")
    return collected
