"""What a row says, as facts for the tables. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from tunelake.domain.names import fold
from tunelake.lake.upload.fields import ALBUM, ARTIST, FEATURES, ITEM, PLAYLIST, TRACK, Field, Kind
from tunelake.lake.upload.mapping import Mapped
from tunelake.lake.upload.values import precision

Typed = dict[str, Any]


class Fact(NamedTuple):
    """One row of a row table; `key` is its id."""

    table: str
    key: str
    values: dict[str, Any]


class Members(NamedTuple):
    """Members of an owner's set in a set table, each without the owner's column."""

    table: str
    owner: str
    elements: list[dict[str, Any]]


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


def facts(typed: Typed, kind: Kind) -> Iterator[Fact | Members]:
    """Tell all that one row says."""
    if kind.about == "artist":
        yield from _artist(typed)
        return
    if "track_id" in typed or "track_name" in typed:
        yield from _track(typed)
    elif kind.about == "album":
        yield from _album(typed, _artists(typed))
    yield from _playlist(typed)


def _artist(typed: Typed) -> Iterator[Fact | Members]:
    key = _key(typed.get("artist_id"), typed.get("artist_name"))
    yield Fact(
        "artists", key, {"artist_id": key, **_columns(typed, ARTIST, ("artist_genres", "artist_aliases"))}
    )
    genres = typed.get("artist_genres")
    if genres is not None:
        yield Members("artist_genres", key, [{"genre": genre} for genre in genres])
    for alias in typed.get("artist_aliases") or ():
        told = {"artist_id": key, "alias": alias, "method": "upload", "confidence": 1.0}
        yield Fact("artist_aliases", f"{key}\x1f{alias}", told)


def _artists(typed: Typed) -> list[tuple[str, str | None]]:
    """Id and name of each artist a row of a track or an album names."""
    ids, names = typed.get("artist_ids") or [], typed.get("artist_names") or []
    if not ids and not names:
        one = (typed.get("artist_id"), typed.get("artist_name"))
        ids, names = ([one[0]] if one[0] else []), ([one[1]] if one[1] else [])
    pairs = [(_key(_at(ids, i), _at(names, i)), _at(names, i)) for i in range(max(len(ids), len(names)))]
    return list(dict(pairs).items())


def _track(typed: Typed) -> Iterator[Fact | Members]:
    artists = _artists(typed)
    key = _key(typed.get("track_id"), _first_name(artists), typed.get("album_name"), typed.get("track_name"))
    row = {"track_id": key, **_columns(typed, TRACK, ("artist_names", "artist_ids"))}
    if "album_id" in typed or "album_name" in typed:
        row["album_id"] = _album_key(typed, artists)
    yield Fact("tracks", key, row)
    yield from _named(artists)
    if artists:
        yield Members("track_artists", key, [{"artist_id": artist} for artist, _ in artists])
    yield from _album(typed, [])
    if any(field.name in typed for field in FEATURES):
        features = {"track_id": key, **_columns(typed, FEATURES)}
        if "track_duration_ms" in typed:
            features["duration_ms"] = typed["track_duration_ms"]
        yield Fact("audio_features", key, features)


def _album(typed: Typed, artists: list[tuple[str, str | None]]) -> Iterator[Fact | Members]:
    key = _album_key(typed, artists or _artists(typed))
    if key is None:
        return
    row = {"album_id": key, **_columns(typed, ALBUM, ("album_artist_id", "album_artist_name"))}
    released = row.get("release_date")
    if "release_date" in row and row.get("release_date_precision") is None:
        row["release_date_precision"] = precision(released) if released else None
    yield Fact("albums", key, row)
    named = (typed.get("album_artist_id"), typed.get("album_artist_name"))
    if any(named):
        artists = [(_key(*named), named[1])]
    yield from _named(artists)
    if artists:
        yield Members("album_artists", key, [{"artist_id": artist} for artist, _ in artists])


def _playlist(typed: Typed) -> Iterator[Fact | Members]:
    if not typed.get("playlist_id") and not typed.get("playlist_name"):
        return
    key = _key(typed.get("playlist_id"), typed.get("playlist_name"))
    yield Fact("playlists", key, {"playlist_id": key, **_columns(typed, PLAYLIST)})
    if "track_id" not in typed and "track_name" not in typed:
        return
    artists = _artists(typed)
    track = _key(
        typed.get("track_id"), _first_name(artists), typed.get("album_name"), typed.get("track_name")
    )
    item = {"track_id": track, "item_type": "track", "name": typed.get("track_name")}
    item |= _columns(typed, ITEM, ("playlist_genre", "playlist_subgenre"))
    if "is_local" in typed:
        item["is_local"] = typed["is_local"]
    yield Members("playlist_items", key, [item])
    if typed.get("playlist_genre") or typed.get("playlist_subgenre"):
        genres = {"genre": typed.get("playlist_genre"), "subgenre": typed.get("playlist_subgenre")}
        yield Members("playlist_item_genres", key, [{"track_id": track, **genres}])


def _named(artists: list[tuple[str, str | None]]) -> Iterator[Fact]:
    for key, name in artists:
        yield Fact("artists", key, {"artist_id": key, "name": name} if name else {"artist_id": key})


def _album_key(typed: Typed, artists: list[tuple[str, str | None]]) -> str | None:
    if not typed.get("album_id") and not typed.get("album_name"):
        return None
    by = typed.get("album_artist_name") or _first_name(artists)
    return _key(typed.get("album_id"), by, typed.get("album_name"))


def _columns(typed: Typed, fields: tuple[Field, ...], skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns a row has, None where it has no value; an id is told by its key instead."""
    return {
        field.column: typed[field.name]
        for field in fields
        if field.name in typed and field.name not in skip and field.form != "id"
    }


def _key(given: str | None, *names: str | None) -> str:
    return given or made_id(*(name or "" for name in names))


def _first_name(artists: list[tuple[str, str | None]]) -> str | None:
    return artists[0][1] or artists[0][0] if artists else None


def _at(values: list[str], index: int) -> str | None:
    return values[index] if index < len(values) else None
