"""Whose column is which field: by known synonyms, or as the person says. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from tunelake.domain.names import fold
from tunelake.errors import ConfigError
from tunelake.lake.upload.fields import KINDS, Field, Kind

# What files call the id of the thing a row is about; links and URIs are read down to the id inside.
_LINKS = ("uri", "spotify_id", "spotify_uri", "spotify_url", "url_spotify")

Mapped = dict[str, tuple[str, ...]]
"""Field name to the file's columns that say it; the first that has a value counts."""


def kind_named(name: str) -> Kind:
    """Find a kind of upload.

    Raises:
        ConfigError: There is no such kind; the message lists them.
    """
    if name in KINDS:
        return KINDS[name]
    known = "; ".join(f"{kind.name} ({kind.says})" for kind in KINDS.values())
    raise ConfigError(
        f"no kind of upload is called '{name}'{_nearest(name, KINDS)}. Kinds, by what a row is: {known}"
    )


def map_columns(kind: Kind, columns: Sequence[str], stated: Mapping[str, str]) -> Mapped:
    """Decide which columns of a file say which fields.

    Args:
        kind: What the file's rows are.
        columns: The file's columns, in order.
        stated: The person's own mapping, their column to our field; it wins over synonyms.

    Raises:
        ConfigError: A stated column or field does not exist, or a needed field has no column.
    """
    ours = _names(kind)
    mapped: dict[str, list[str]] = {}
    for their, our in stated.items():
        field = ours.get(_plain(our))
        if their not in columns:
            raise ConfigError(
                f"the file has no column '{their}'{_nearest(their, columns)}. {_found(columns)}"
            )
        if field is None:
            fields = [field.name for field in kind.fields]
            raise ConfigError(
                f"'{our}' is no field of {kind.name}{_nearest(our, fields)}. Fields: {', '.join(fields)}"
            )
        mapped.setdefault(field.name, []).append(their)
    settled = set(mapped)
    for column in columns:
        field = ours.get(_plain(column))
        if field and field.name not in settled and column not in stated:
            mapped.setdefault(field.name, []).append(column)
    _require(kind, columns, mapped)
    return {field.name: tuple(mapped[field.name]) for field in kind.fields if field.name in mapped}


def _require(kind: Kind, columns: Sequence[str], mapped: Iterable[str]) -> None:
    have = set(mapped)
    for alternatives in kind.needs:
        if not any(have.issuperset(fields) for fields in alternatives):
            needed = " or ".join(" and ".join(fields) for fields in alternatives)
            guess = _guess(columns, [name for fields in alternatives for name in fields if name not in have])
            raise ConfigError(f"a file of {kind.name} needs {needed}. {_found(columns)}{guess}")


def _guess(columns: Sequence[str], missing: Sequence[str]) -> str:
    for their in columns:
        near = difflib.get_close_matches(_plain(their), [_plain(name) for name in missing], n=1, cutoff=0.6)
        for our in missing:
            if near and _plain(our) == near[0]:
                return f". If '{their}' is {our}: --map '{their}={our}'"
    return f". Say which column is which: --map THEIRS={missing[0]}"


def _names(kind: Kind) -> dict[str, Field]:
    """Every folded name of every field; the entity a row is about also goes by bare names."""
    names: dict[str, Field] = {}
    for field in kind.fields:
        bare = field.name.removeprefix(f"{kind.about}_")
        links = _LINKS if bare == "id" else ()
        for name in (field.name, bare, *field.also, *links):
            names.setdefault(_plain(name), field)
    return names


def _plain(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


def _found(columns: Sequence[str]) -> str:
    return f"Columns found: {', '.join(columns)}"


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (nearest: '{near[0]}')" if near else ""
