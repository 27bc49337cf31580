"""Models are SELECT files; here they are read and put in order. Pure."""

from __future__ import annotations

import graphlib
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

import msgspec

from tunelake.domain.rights import Use
from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load, public

_WORDS = ("meaning", "grain", "owner", "keyed", "sums", "use", "not null", "range", "rows", "none")
_RANGE = re.compile(r"(?P<column>\w+)\s+(?P<least>-?[\d.]*\d)?\.\.(?P<most>-?\d[\d.]*)?")
Follows = Literal["", "entity", "ties", "columns", "sums"]
_SPECIAL: dict[tuple[str, ...], Follows] = {("entity_id",): "entity", ("ties",): "ties"}
_USES: dict[str, Use] = {"display": "display", "model": "model", "export": "export"}


class Range(msgspec.Struct, frozen=True):
    """Between what the values of a column are, both ends included; None where there is no end."""

    column: str
    least: float | None
    most: float | None

    @property
    def text(self) -> str:
        """The range as people write it."""
        ends = ("" if end is None else f"{end:g}" for end in (self.least, self.most))
        return "..".join(ends)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One SELECT that makes one mart, and what must hold of it.

    Attributes:
        name: Name of the mart: of its file, without the ending.
        sql: The SELECT, without its header.
        meaning: What a row says, for the data dictionary.
        grain: Columns that name a row: never null, never twice.
        owner: Who answers for it.
        keyed: Columns whose rows follow from what tells of them, so that only those that changed are computed
            anew: ("entity_id",), of an artist, from what is known of it and of who performs with it; or
            columns that all tables it reads have in their keys. ("ties",): of an artist of a source, from all
            it is tied to; see `tunelake.mart.ties`. Empty when it is computed whole.
        sums: Columns that are sums over rows of the tables it reads: what changed is taken off and put on.
        use: What it is made for; refused where the rights of what it reads do not allow that.
        not_null: Further columns that are never null.
        ranges: What values are accepted; null is.
        rows: A SELECT of one number, to which the count of rows must be equal; "" for none.
        none: A SELECT of offending rows, which must give none; "" for none.
        reads: Names of the tables and marts it reads.
    """

    name: str
    sql: str
    meaning: str
    grain: tuple[str, ...]
    owner: str
    keyed: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    use: Use = "display"
    not_null: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    rows: str = ""
    none: str = ""
    reads: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """Changes when what the model computes may change."""
        # A star stands for the columns that the table has in this version.
        starred = {name.removesuffix("_history") for name in _read(self.name, self.sql).starred}
        stars = [contract.names for table, contract in load().items() if table in starred]
        told = f"{self.keyed}|{self.sums}|{self.sql}" + (f"|{stars}" if stars else "")
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def follows(self) -> Follows:
        """How it follows a change; "" when it is computed whole."""
        if self.keyed:
            return _SPECIAL.get(self.keyed, "columns")
        return "sums" if self.sums else ""


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


def select_of(name: str, text: str) -> str:
    """Take the SELECT out of a model file; nothing is parsed.

    Raises:
        ConfigError: The header cannot be read.
    """
    return _header(name, text)[1]


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _range(name: str, text: str) -> Range:
    found = _RANGE.fullmatch(text)
    if found is None or not (found["least"] or found["most"]):
        raise ConfigError(
            f"model {name}: range {text!r} must be a column and its ends: share 0..1, or albums 0.."
        )
    least, most = (float(end) if end else None for end in (found["least"], found["most"]))
    return Range(found["column"], least, most)


def read_model(name: str, text: str) -> Model:
    """Read one model file.

    Raises:
        ConfigError: The header lacks meaning, grain or owner, says what cannot be, or the rest is not
            one SELECT.
    """
    words, sql = _header(name, text)
    missing = [word for word in ("meaning", "grain", "owner") if not words.get(word)]
    if missing:
        raise ConfigError(f"model {name}: its leading comment does not say {', '.join(missing)}")
    grain = _names(words["grain"])
    keyed, sums = _names(words.get("keyed", "")), _names(words.get("sums", ""))
    if not set(keyed) - {"ties"} <= set(grain) or set(sums) & set(grain) or (keyed and sums):
        raise ConfigError(
            f"model {name}: it can be keyed by columns of its grain, or say which others are sums, not both"
        )
    if sums and _is_no_sum(name, sql):
        raise ConfigError(f"model {name}: what joins rows, or counts distinct ones, is no sum over rows")
    use = words.get("use", "display")
    if use not in _USES:
        raise ConfigError(f"model {name}: its use is '{use}', but must be one of {', '.join(_USES)}")
    return Model(
        name=name,
        sql=sql,
        meaning=words["meaning"],
        grain=grain,
        owner=words["owner"],
        keyed=keyed,
        sums=sums,
        use=_USES[use],
        not_null=_names(words.get("not null", "")),
        ranges=tuple(_range(name, part) for part in _names(words.get("range", ""))),
        rows=words.get("rows", ""),
        none=words.get("none", ""),
        reads=tables_read(name, sql),
    )


def tables_read(name: str, sql: str) -> frozenset[str]:
    """Find the tables that a SELECT reads, in small letters; its own WITH names are none.

    Raises:
        ConfigError: It is not one SELECT.
    """
    return _read(name, sql).tables


@cache
def statements(sql: str) -> tuple[Any, ...]:
    """Parse the statements of a text, once: they are for all to read, and whoever changes one copies it."""
    import sqlglot

    return tuple(sqlglot.parse(sql, read="duckdb"))


def _statement(name: str, sql: str) -> Any:  # noqa: ANN401  (sqlglot's node)
    import sqlglot
    from sqlglot import exp

    try:
        found = statements(sql)
    except sqlglot.errors.ParseError as error:
        raise ConfigError(f"model {name} is not readable SQL: {error}") from error
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise ConfigError(f"model {name} must be one SELECT")
    return found[0]


def columns_read(name: str, sql: str, table: str) -> frozenset[str]:
    """Find the columns that a SELECT may read of a table of the lake, or of its history.

    All that it names, or all where a star or the like may stand for them.

    Raises:
        ConfigError: It is not one SELECT.
    """
    called = {table, f"{table}_history"} & _read(name, sql).tables
    columns = [column.name for column in public(load()[table])]
    return frozenset().union(*(named(name, sql, each, columns) for each in called))


def named(name: str, sql: str, table: str, columns: Iterable[str]) -> frozenset[str]:
    """Find which columns of a table or mart that it reads a SELECT may read; see `columns_read`.

    Raises:
        ConfigError: It is not one SELECT.
    """
    read = _read(name, sql)
    return frozenset(columns) if table in read.starred else read.columns.intersection(columns)


class _Read(msgspec.Struct, frozen=True):
    """What a SELECT names: tables that are not its own, columns, and tables that a star may stand for."""

    tables: frozenset[str]
    columns: frozenset[str]
    starred: frozenset[str]


@cache
def _read(name: str, sql: str) -> _Read:
    from sqlglot import exp

    statement = _statement(name, sql)
    own, tables, columns, starred = set(), set(), set(), set()
    whole = False
    for node in statement.walk():
        if isinstance(node, exp.CTE):
            own.add(_own_name(name, node))
        elif isinstance(node, exp.Table):
            tables.add(node.name.lower())
        elif isinstance(node, exp.Identifier):
            columns.add(node.name.lower())
        elif isinstance(node, exp.Select) and any(each.is_star for each in node.expressions):
            near = (found for found in node.find_all(exp.Table) if found.find_ancestor(exp.Select) is node)
            starred |= {found.name.lower() for found in near}
        # Columns that no name tells of.
        whole = whole or isinstance(node, exp.Columns) or node.args.get("method") == "NATURAL"
    return _Read(frozenset(tables - own), frozenset(columns), frozenset(tables if whole else starred))


def _is_no_sum(name: str, sql: str) -> bool:
    """Tell whether rows that are added or taken away may alter more than what they are added to."""
    from sqlglot import exp

    return any(isinstance(node, exp.Join | exp.Distinct) for node in _statement(name, sql).walk())


def _own_name(model: str, with_: Any) -> str:  # noqa: ANN401  (sqlglot's node)
    """Give a WITH name, in small letters; one that hides a table it reads would let no change be seen."""
    from sqlglot import exp

    own: str = with_.alias.lower()
    hides = own in {table.name.lower() for table in with_.this.find_all(exp.Table)}
    if hides and not with_.parent.args.get("recursive"):
        raise ConfigError(f"model {model}: its WITH name {own} hides what it reads: give it another")
    return own


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
        ordered = [by_name[name] for name in graphlib.TopologicalSorter(graph).static_order()]
    except graphlib.CycleError as error:
        raise ConfigError(f"models read each other in a circle: {' -> '.join(error.args[1])}") from error
    # Sums are of rows that were looked up by then for those who follow artists.
    read = {name for model in ordered for name in model.reads}
    return sorted(ordered, key=lambda model: bool(model.sums) and model.name not in read)


def needed(models: Iterable[Model], wanted: Iterable[str]) -> list[Model]:
    """Keep those models, in their order, that the wanted ones need, themselves included.

    Raises:
        ConfigError: There is no such model.
    """
    ordered = list(models)
    by_name = {model.name: model for model in ordered}
    found: set[str] = set()
    ahead = list(wanted)
    while ahead:
        name = ahead.pop()
        if name not in by_name:
            raise ConfigError(f"there is no model '{name}'; there is {', '.join(sorted(by_name))}")
        if name not in found:
            found.add(name)
            ahead += by_name[name].reads & by_name.keys()
    return [model for model in ordered if model.name in found]
