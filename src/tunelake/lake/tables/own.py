"""A person's own table in the lake: what it is called, what is known of it, what is current. Pure."""

from __future__ import annotations

import re

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.lake.history.latest import name, names

PULLED_AT = "_pulled_at"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a table's metadata tell of it.

    Attributes:
        origin: The table it comes from, without the address.
        key: Columns that name a row; none: rows are never replaced.
        by: The column that grows; None: the table is replaced as a whole.
    """

    origin: str
    key: tuple[str, ...] = ()
    by: str | None = None


def checked(wanted: str) -> str:
    """Return the name of an own table.

    Raises:
        ConfigError: It is no name, or a table of the lake has it.
    """
    if not _NAME.fullmatch(wanted):
        raise ConfigError(
            f"'{wanted}' cannot be the name of a table: small letters, digits and _ only; say --as NAME"
        )
    if wanted.removesuffix("_history") in load() or wanted.endswith("_history"):
        raise ConfigError(f"the lake has a table '{wanted}' of its own; say --as NAME")
    return wanted


def current(note: Note, log: str) -> str:
    """Write the query of an own table's current state: a row's latest version."""
    if not note.key or note.by is None:
        return f"SELECT * EXCLUDE ({name(PULLED_AT)}) FROM ({log}) AS pulled"  # noqa: S608  (quoted names)
    latest = f"{name(PULLED_AT)} DESC, {name(note.by)} DESC"
    return (
        f"SELECT * EXCLUDE ({name(PULLED_AT)}) FROM ({log}) AS pulled "  # noqa: S608  (quoted names)
        f"QUALIFY row_number() OVER (PARTITION BY {names(note.key)} ORDER BY {latest}) = 1"
    )
