"""The files of a person's own catalogue: which columns each may have, and how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tunelake.errors import ConfigError

Value = Any
Record = dict[str, Value]

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TRUE = frozenset({"true", "t", "yes", "1"})
_FALSE = frozenset({"false", "f", "no", "0"})


def _text(cell: Value) -> str:
    return str(cell)


def _whole(cell: Value) -> int:
    number = float(cell)
    if not number.is_integer():
        raise ValueError("is not a whole number")
    return int(number)


def _percent(cell: Value) -> int:
    number = _whole(cell)
    if not 0 <= number <= 100:  # noqa: PLR2004 - the scale of popularity
        raise ValueError("is not between 0 and 100")
    return number


def _number(cell: Value) -> float | None:
    number = float(cell)
    return None if number != number else number  # noqa: PLR0124 - not a number stands for no value


def _flag(cell: Value) -> bool:
    text = str(cell).strip().casefold()
    if text not in _TRUE | _FALSE:
        raise ValueError("is neither true nor false")
    return text in _TRUE


def _list(cell: Value) -> tuple[str, ...]:
    parts = cell.split("|") if isinstance(cell, str) else cell
    return tuple(str(part).strip() for part in parts if part is not None and str(part).strip())


def _day(cell: Value) -> str:
    text = cell.isoformat()[:10] if isinstance(cell, date) else str(cell).strip()
    if not _DATE.fullmatch(text):
        raise ValueError("is no date: write 1999, 1999-05 or 1999-05-31")
    return text


def _kind(cell: Value) -> str:
    text = str(cell).strip().casefold()
    if text not in {"album", "single", "compilation"}:
        raise ValueError("is neither album, single nor compilation")
    return text


Reader = Callable[[Value], Value]

TABLES: Mapping[str, Mapping[str, Reader]] = {
    "artists": {
        "artist_id": _text,
        "name": _text,
        "aliases": _list,
        "genres": _list,
        "popularity": _percent,
        "followers": _whole,
        "country": _text,
    },
    "albums": {
        "album_id": _text,
        "name": _text,
        "artist_ids": _list,
        "album_type": _kind,
        "release_date": _day,
        "label": _text,
        "upc": _text,
        "popularity": _percent,
        "genres": _list,
        "markets": _list,
    },
    "tracks": {
        "track_id": _text,
        "name": _text,
        "album_id": _text,
        "artist_ids": _list,
        "duration_ms": _whole,
        "disc_number": _whole,
        "track_number": _whole,
        "explicit": _flag,
        "isrc": _text,
        "popularity": _percent,
        "markets": _list,
    },
    "features": {
        "track_id": _text,
        "danceability": _number,
        "energy": _number,
        "key": _whole,
        "loudness": _number,
        "mode": _whole,
        "speechiness": _number,
        "acousticness": _number,
        "instrumentalness": _number,
        "liveness": _number,
        "valence": _number,
        "tempo": _number,
        "time_signature": _whole,
        "duration_ms": _whole,
    },
    "playlists": {
        "playlist_id": _text,
        "name": _text,
        "description": _text,
        "owner_id": _text,
        "public": _flag,
    },
    "playlist_items": {"playlist_id": _text, "track_id": _text},
    "related": {"artist_id": _text, "related_id": _text},
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "artists": ("name",),
    "albums": ("album_id", "name"),
    "tracks": ("name", "album_id"),
    "features": ("track_id",),
    "playlists": ("playlist_id", "name"),
    "playlist_items": ("playlist_id", "track_id"),
    "related": ("artist_id", "related_id"),
}
# A playlist may hold items that are gone.
MAY_BE_EMPTY = {("playlist_items", "track_id")}


def check_columns(table: str, file: str, columns: list[str]) -> None:
    """See that a file has the columns it needs and none that nobody reads.

    Raises:
        ConfigError: When it does not.
    """
    known = TABLES[table]
    for column in NEEDED[table]:
        if column not in columns:
            raise ConfigError(f"{file}: column {column!r} is missing; add it, or see the columns of {table}")
    for column in columns:
        if column not in known:
            allowed = ", ".join(known)
            raise ConfigError(
                f"{file}: column {column!r} is not known; remove it, or name it one of {allowed}"
            )


def read_row(table: str, file: str, row: int, cells: Mapping[str, Value]) -> Record:
    """The values of a row; an empty cell is absent from them.

    Raises:
        ConfigError: When a cell cannot be read or a needed one is empty.
    """
    record: Record = {}
    for column, cell in cells.items():
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        try:
            value = TABLES[table][column](cell)
        except (ValueError, TypeError, OverflowError) as error:
            why = str(error) if str(error).startswith("is ") else "is not a number"
            raise bad_cell(file, row, column, f"{cell!r} {why}; correct it or leave it empty") from error
        if value is not None:
            record[column] = value
    for column in NEEDED[table]:
        if column not in record and (table, column) not in MAY_BE_EMPTY:
            raise bad_cell(file, row, column, "is empty; every row needs it")
    return record


def bad_cell(file: str, row: int, column: str, what: str) -> ConfigError:
    """The error that names a cell; rows are counted from 1, without the header."""
    return ConfigError(f"{file}, row {row}, column {column}: {what}")
