"""Models are SELECT files; here they are read and put in order. Pure."""

from __future__ import annotations

import graphlib
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from tunelake.domain.rights import Use
from tunelake.errors import ConfigError

_WORDS = ("meaning", "grain", "owner", "keyed", "use", "not null", "range", "rows", "none")
_RANGE = re.compile(r"(?P<column>\w+)\s+(?P<least>-?[\d.]*\d)?\.\.(?P<most>-?\d[\d.]*)?")
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
        keyed: "entity_id" when the rows of an artist follow from what is known of it and of who
            performs with it: then only artists that changed are computed anew. "" for none.
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
    keyed: Literal["", "entity_id"] = ""
    use: Use = "display"
    not_null: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    rows: str = ""
    none: str = ""
    reads: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """Changes when what the model computes may change."""
        return hashlib.sha256(f"{self.keyed}|{self.sql}".encode()).hexdigest()[:16]


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
    keyed = words.get("keyed", "")
    if keyed and (keyed != "entity_id" or keyed not in grain):
        raise ConfigError(f"model {name}: it can only be keyed by entity_id, and that must be of its grain")
    use = words.get("use", "display")
    if use not in _USES:
        raise ConfigError(f"model {name}: its use is '{use}', but must be one of {', '.join(_USES)}")
    return Model(
        name=name,
        sql=sql,
        meaning=words["meaning"],
        grain=grain,
        owner=words["owner"],
        keyed="entity_id" if keyed else "",
        use=_USES[use],
        not_null=_names(words.get("not null", "")),
        ranges=tuple(_range(name, part) for part in _names(words.get("range", ""))),
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
