"""What rows say, as facts for the tables, many rows at once. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

from tunelake.domain.names import fold
from tunelake.domain.rows import Columns
from tunelake.lake.upload.fields import ALBUM, ARTIST, FEATURES, ITEM, PLAYLIST, TRACK, Field, Kind
from tunelake.lake.upload.mapping import Mapped
from tunelake.lake.upload.values import precision

Named = list[tuple[str, str | None]]


class Facts(NamedTuple):
    """Rows of a row table.

    Attributes:
        at: Which row of the file says each.
        keys: The id of each.
        columns: Their values.
    """

    table: str
    at: Sequence[int]
    keys: list[str]
    columns: Columns


class Members(NamedTuple):
    """Members of owners' sets in a set table.

    Attributes:
        at: Which row of the file says each.
        owners: Whose members they are.
        names: The columns of a member, without the owner's.
        members: Of each owner the values of some of its members, maybe of none.
    """

    table: str
    at: Sequence[int]
    owners: list[str]
    names: tuple[str, ...]
    members: list[list[tuple[Any, ...]]]


# Each set table: the column of its owner, and whether its members are numbered.
SETS = {
    "artist_genres": ("artist_id", True),
    "album_artists": ("album_id", True),
    "track_artists": ("track_id", True),
    "playlist_items": ("playlist_id", True),
    "playlist_item_genres": ("playlist_id", False),
}

_OWNED = {
    "artists": ("artist_genres",),
    "albums": ("album_artists",),
    "tracks": ("track_artists",),
    "playlists": ("playlist_items", "playlist_item_genres"),
}


@lru_cache(maxsize=65536)
def made_id(*names: str) -> str:
    """Make the id of a thing that came without one: the same for names that fold to the same text."""
    text = "\x1f".join(fold(name) or name for name in names)
    return "upload:" + hashlib.blake2b(text.encode(), digest_size=11).hexdigest()


def unit_table(kind: Kind, mapped: Mapped) -> str:
    """Tell the table whose owners' rows must stay together: playlists where there are, else the row's own."""
    if "playlist_id" in mapped or "playlist_name" in mapped:
        return "playlists"
    return f"{kind.about}s"


def owned_sets(unit: str) -> tuple[str, ...]:
    """Tell the set tables that a unit's rows build up together."""
    return _OWNED[unit]


def picked(columns: Columns, at: Sequence[int]) -> Columns:
    """Take places of columns, in ascending order."""
    return {
        name: values if len(values) == len(at) else [values[place] for place in at]
        for name, values in columns.items()
    }


def facts(typed: Columns, kind: Kind, count: int) -> Iterator[Facts | Members]:
    """Tell all that so many rows say, by table; what one row says of a table is in the order it says it."""
    if kind.about == "artist":
        yield from _artist(typed, count)
        return
    artists = _artists(typed, count)
    tracks: list[str] = []
    if "track_id" in typed or "track_name" in typed:
        tracks = _keys(typed, count, "track_id", _first_names(artists), "album_name", "track_name")
        yield from _track(typed, tracks, artists)
    elif kind.about == "album":
        yield from _album(typed, artists, artists)
    yield from _playlist(typed, count, tracks)


def _artist(typed: Columns, count: int) -> Iterator[Facts | Members]:
    every, keys = range(count), _keys(typed, count, "artist_id", "artist_name")
    columns = _columns(typed, ARTIST, ("artist_genres", "artist_aliases"))
    yield Facts("artists", every, keys, {"artist_id": keys, **columns})
    told = typed.get("artist_genres") or [None] * count
    at = [place for place in every if told[place] is not None]
    genres = [[(genre,) for genre in told[place]] for place in at]
    yield Members("artist_genres", at, [keys[place] for place in at], ("genre",), genres)
    aliases = typed.get("artist_aliases") or ()
    called = [(place, keys[place], alias) for place, of in enumerate(aliases) for alias in of or ()]
    if called:
        at, owners, names = map(list, zip(*called, strict=True))
        values = {"artist_id": owners, "alias": names, "method": ["upload"] * len(at)}
        keys = [f"{owner}\x1f{name}" for owner, name in zip(owners, names, strict=True)]
        yield Facts("artist_aliases", at, keys, {**values, "confidence": [1.0] * len(at)})


def _track(typed: Columns, keys: list[str], artists: list[Named]) -> Iterator[Facts | Members]:
    every = range(len(keys))
    row = {"track_id": keys, **_columns(typed, TRACK, ("artist_names", "artist_ids"))}
    if "album_id" in typed or "album_name" in typed:
        row["album_id"] = _album_keys(typed, artists)
    yield Facts("tracks", every, keys, row)
    yield from _named(every, artists)
    yield from _by("track_artists", every, keys, artists)
    yield from _album(typed, artists, [])
    if any(field.name in typed for field in FEATURES):
        features = {"track_id": keys, **_columns(typed, FEATURES)}
        if "track_duration_ms" in typed:
            features["duration_ms"] = typed["track_duration_ms"]
        yield Facts("audio_features", every, keys, features)


def _album(typed: Columns, artists: list[Named], own: list[Named]) -> Iterator[Facts | Members]:
    """Tell the albums of rows that name one.

    Args:
        typed: The rows.
        artists: Of each row, to make an id with.
        own: Of each row, those known to be the album's; none where they are the track's.
    """
    keys = _album_keys(typed, artists)
    at = [place for place, key in enumerate(keys) if key is not None]
    known = [key for key in keys if key is not None]
    row = picked(_columns(typed, ALBUM, ("album_artist_id", "album_artist_name")), at)
    if "release_date" in row:
        given = row.get("release_date_precision") or repeat(None)
        released = zip(row["release_date"], given, strict=False)
        row["release_date_precision"] = [one or (precision(date) if date else None) for date, one in released]
    yield Facts("albums", at, known, {"album_id": known, **row})
    stated = _pairs(typed, "album_artist_id", "album_artist_name", len(artists))
    by = [stated[place] or (own[place] if own else []) for place in at]
    yield from _named(at, by)
    yield from _by("album_artists", at, known, by)


def _playlist(typed: Columns, count: int, tracks: list[str]) -> Iterator[Facts | Members]:
    ids, names = (typed.get(name) or [None] * count for name in ("playlist_id", "playlist_name"))
    at = [place for place in range(count) if ids[place] or names[place]]
    if not at:
        return
    typed = picked(typed, at)
    keys = _keys(typed, len(at), "playlist_id", "playlist_name")
    yield Facts("playlists", at, keys, {"playlist_id": keys, **_columns(typed, PLAYLIST)})
    if not tracks:
        return
    heard = [tracks[place] for place in at]
    blank = [None] * len(at)
    item: Columns = {"track_id": heard, "item_type": ["track"] * len(at)}
    item |= {"name": typed.get("track_name", blank)}
    item |= _columns(typed, ITEM, ("playlist_genre", "playlist_subgenre"))
    if "is_local" in typed:
        item["is_local"] = typed["is_local"]
    held = [[one] for one in zip(*item.values(), strict=True)]
    yield Members("playlist_items", at, keys, tuple(item), held)
    genres, below = (typed.get(name, blank) for name in ("playlist_genre", "playlist_subgenre"))
    told = [place for place in range(len(at)) if genres[place] or below[place]]
    yield Members(
        "playlist_item_genres",
        [at[place] for place in told],
        [keys[place] for place in told],
        ("track_id", "genre", "subgenre"),
        [[(heard[place], genres[place], below[place])] for place in told],
    )


def _named(at: Sequence[int], artists: list[Named]) -> Iterator[Facts]:
    told = [(place, *one) for place, named in zip(at, artists, strict=True) for one in named]
    called = [one for one in told if one[2]]
    if called:
        places, keys, names = map(list, zip(*called, strict=True))
        yield Facts("artists", places, keys, {"artist_id": keys, "name": names})
    if len(called) < len(told):
        places, keys, _ = map(list, zip(*(one for one in told if not one[2]), strict=True))
        yield Facts("artists", places, keys, {"artist_id": keys})


def _by(table: str, at: Sequence[int], owners: list[str], artists: list[Named]) -> Iterator[Members]:
    """Tell whom things are by, where that is known."""
    told = [place for place, named in enumerate(artists) if named]
    members = [[(artist,) for artist, _ in artists[place]] for place in told]
    places = [at[place] for place in told]
    yield Members(table, places, [owners[place] for place in told], ("artist_id",), members)


def _artists(typed: Columns, count: int) -> list[Named]:
    """Id and name of each artist that each row of a track or an album names."""
    artists = _pairs(typed, "artist_id", "artist_name", count)
    listed = [typed.get(name) or [None] * count for name in ("artist_ids", "artist_names")]
    for place, (ids, names) in enumerate(zip(*listed, strict=True)):
        if ids or names:
            artists[place] = _listed(ids or [], names or [])
    return artists


def _pairs(typed: Columns, key: str, name: str, count: int) -> list[Named]:
    """Of each row the one artist that two of its fields name, or none."""
    ids, names = (typed.get(field) or [None] * count for field in (key, name))
    both = zip(ids, names, strict=True)
    return [[(given or made_id(called), called)] if given or called else [] for given, called in both]


def _listed(ids: list[str], names: list[str]) -> Named:
    pairs = [(_at(ids, place), _at(names, place)) for place in range(max(len(ids), len(names)))]
    return list({key or made_id(name or ""): name for key, name in pairs}.items())


def _album_keys(typed: Columns, artists: list[Named]) -> list[str | None]:
    blank = [None] * len(artists)
    given, names, by = (typed.get(name) or blank for name in ("album_id", "album_name", "album_artist_name"))
    first = _first_names(artists)
    every = zip(given, names, by, first, strict=True)
    return [
        key or (made_id(artist or other or "", name) if name else None) for key, name, artist, other in every
    ]


def _columns(typed: Columns, fields: tuple[Field, ...], skip: tuple[str, ...] = ()) -> Columns:
    """The columns that rows have, None where there is no value; an id is told by its key instead."""
    return {
        field.column: typed[field.name]
        for field in fields
        if field.name in typed and field.name not in skip and field.form != "id"
    }


def _keys(typed: Columns, count: int, given: str, *names: str | list[str | None]) -> list[str]:
    """The ids of rows; of a row without one it is made of its names."""
    ids: list[str | None] = typed.get(given) or [None] * count
    if all(ids):
        return [key for key in ids if key]
    blank = [None] * count
    told = [name if isinstance(name, list) else typed.get(name) or blank for name in names]
    of = zip(*told, strict=True)
    return [key or made_id(*(name or "" for name in texts)) for key, texts in zip(ids, of, strict=True)]


def _first_names(artists: list[Named]) -> list[str | None]:
    return [named[0][1] or named[0][0] if named else None for named in artists]


def _at(values: list[str], index: int) -> str | None:
    return values[index] if index < len(values) else None
