"""Models are SELECT files; here they are read and put in order. Pure."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Mapping

import msgspec

from tunelake.errors import ConfigError

_WORDS = ("meaning", "grain", "owner", "not null", "rows", "none")


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One SELECT that makes one mart, and what must hold of it.

    Attributes:
        name: Name of the mart: of its file, without the ending.
        sql: The SELECT, without its header.
        meaning: What a row says, for the data dictionary.
        grain: Columns that name a row: never null, never twice.
        owner: Who answers for it.
        not_null: Further columns that are never null.
        rows: A SELECT of one number, to which the count of rows must be equal; "" for none.
        none: A SELECT of offending rows, which must give none; "" for none.
        reads: Names of the tables and marts it reads.
    """

    name: str
    sql: str
    meaning: str
    grain: tuple[str, ...]
    owner: str
    not_null: tuple[str, ...] = ()
    rows: str = ""
    none: str = ""
    reads: frozenset[str] = frozenset()


def _header(name: str, text: str) -> tuple[dict[str, str], str]:
    """Split the leading comment ("-- word: text", continued by deeper lines) from the SELECT."""
    words: dict[str, str] = {}
    last = ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            return words, "\n".join(lines[number:]).strip()
        word, colon, rest = line.removeprefix("--").partition(":")
        if line.startswith("--   ") and last:
            words[last] += " " + line.removeprefix("--").strip()
        elif colon and word.strip() in _WORDS:
            last = word.strip()
            words[last] = rest.strip()
        else:
            raise ConfigError(f"model {name}, line {number + 1}: expected one of {', '.join(_WORDS)}")
    return words, ""


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_model(name: str, text: str) -> Model:
    """Read one model file.

    Raises:
        ConfigError: The header lacks meaning, grain or owner, or the rest is not one SELECT.
    """
    words, sql = _header(name, text)
    missing = [word for word in ("meaning", "grain", "owner") if not words.get(word)]
    if missing:
        raise ConfigError(f"model {name}: its leading comment does not say {', '.join(missing)}")
    return Model(
        name=name,
        sql=sql,
        meaning=words["meaning"],
        grain=_names(words["grain"]),
        owner=words["owner"],
        not_null=_names(words.get("not null", "")),
        rows=words.get("rows", ""),
        none=words.get("none", ""),
        reads=tables_read(name, sql),
    )


def tables_read(name: str, sql: str) -> frozenset[str]:
    """Find the tables that a SELECT reads; its own WITH names are none.

    Raises:
        ConfigError: It is not one SELECT.
    """
    import sqlglot
    from sqlglot import exp

    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.ParseError as error:
        raise ConfigError(f"model {name} is not readable SQL: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ConfigError(f"model {name} must be one SELECT")
    own = {cte.alias for cte in statements[0].find_all(exp.CTE)}
    return frozenset(table.name for table in statements[0].find_all(exp.Table)) - own


def read_models(files: Mapping[str, str]) -> list[Model]:
    """Read model files (name to text) in the order in which they can run.

    Raises:
        ConfigError: A file cannot be read, or models read each other in a circle.
    """
    return in_order(read_model(name, text) for name, text in sorted(files.items()))


def in_order(models: Iterable[Model]) -> list[Model]:
    """Order models so that each comes after those it reads; equal ones by name.

    Raises:
        ConfigError: Models read each other in a circle; the message names it.
    """
    by_name = {model.name: model for model in models}
    graph = {name: sorted(by_name[name].reads & by_name.keys()) for name in sorted(by_name)}
    try:
        return [by_name[name] for name in graphlib.TopologicalSorter(graph).static_order()]
    except graphlib.CycleError as error:
        raise ConfigError(f"models read each other in a circle: {' -> '.join(error.args[1])}") from error
