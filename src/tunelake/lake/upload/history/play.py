"""One row of an exported listening history as a play, or what is wrong with it. Pure.

Only the fields named here are looked at and kept: what else a row holds (IP address, device, user agent,
place) stays out of the lake unless the person wants it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from tunelake.lake.upload.facts import made_id
from tunelake.lake.upload.typed import Problem

Shape = Literal["extended", "account"]
Values = Mapping[str, Any]

_TEXTS: dict[Shape, tuple[str, ...]] = {
    "extended": (
        "username", "master_metadata_track_name", "master_metadata_album_artist_name",
        "master_metadata_album_album_name", "spotify_track_uri", "episode_name", "episode_show_name",
        "spotify_episode_uri", "audiobook_title", "audiobook_uri", "audiobook_chapter_uri",
        "audiobook_chapter_title", "reason_start", "reason_end", "conn_country",
    ),
    "account": ("artistName", "trackName", "podcastName", "episodeName"),
}  # fmt: skip
_FLAGS: dict[Shape, tuple[str, ...]] = {
    "extended": ("shuffle", "skipped", "offline", "incognito_mode"),
    "account": (),
}
_TIMES: dict[Shape, tuple[str, str]] = {"extended": ("ts", "ms_played"), "account": ("endTime", "msPlayed")}
KEPT = {shape: frozenset((*_TIMES[shape], *_TEXTS[shape], *_FLAGS[shape])) for shape in _TIMES}
"""The fields of a row that may stay, by shape."""

_URI = re.compile(r"spotify:(track|episode|chapter|show):([0-9A-Za-z]{22})")
_LONGEST = 2**53
_ODD = "does not tell what was played: no address and no name"


class Play(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One play: the columns of `listens` under their names.

    Attributes:
        user_id: None when the row does not say whose it is.
    """

    user_id: str | None
    played_at: datetime
    track_id: str
    kind: str
    ms_played: int | None
    track_name: str | None
    artist_name: str | None
    album_name: str | None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None
    private_session: bool | None = None
    country: str | None = None
    method: str

    @property
    def name_id(self) -> str | None:
        """The id its names make: what finds the same play where there is no other id."""
        return named(self.artist_name, self.track_name)


def named(artist: str | None, title: str | None) -> str | None:
    """Make an id from an artist and a title; None unless both are there."""
    return made_id(artist, title) if artist and title else None


def shape_of(first: object) -> Shape | None:
    """Tell what kind of history a file is by its first row; None when it is none."""
    if isinstance(first, dict):
        if "ts" in first and "ms_played" in first:
            return "extended"
        if "endTime" in first and "msPlayed" in first:
            return "account"
    return None


def shape_named(text: str) -> Shape | None:
    """Read a shape back from its name."""
    return next((shape for shape in KEPT if shape == text), None)


def stripped(values: Values, shape: Shape) -> dict[str, Any]:
    """Return the fields that may stay; those without a value say nothing and go too."""
    kept = KEPT[shape]
    return {name: value for name, value in values.items() if value is not None and name in kept}


def read_play(values: Values, shape: Shape) -> Play | Problem:
    """Read one row; its values may be stripped or not."""
    for name in _TEXTS[shape]:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            return Problem(column=name, reason="expected text or null")
    for name in _FLAGS[shape]:
        value = values.get(name)
        if value is not None and not isinstance(value, bool):
            return Problem(column=name, value=str(value)[:40], reason="expected true, false or null")
    when, length = _TIMES[shape]
    played_at = _time(values.get(when))
    if played_at is None:
        return Problem(column=when, value=str(values.get(when))[:40], reason="expected a time")
    heard = values.get(length)
    if heard is not None and (type(heard) is not int or not 0 <= heard < _LONGEST):
        return Problem(column=length, value=str(heard)[:40], reason="expected milliseconds, zero or more")
    if shape == "account":
        return _account(values, played_at, heard)
    return _extended(values, played_at, heard)


def _extended(values: Values, played_at: datetime, heard: int | None) -> Play | Problem:
    get = values.get
    thing = _thing(values)
    if thing is None:
        return Problem(reason=_ODD)
    kind, track_id, title, artist, album = thing
    return Play(
        user_id=(get("username") or "").strip() or None,
        played_at=played_at,
        track_id=track_id,
        kind=kind,
        ms_played=heard,
        track_name=title,
        artist_name=artist,
        album_name=album,
        reason_start=get("reason_start"),
        reason_end=get("reason_end"),
        shuffle=get("shuffle"),
        skipped=get("skipped"),
        offline=get("offline"),
        private_session=get("incognito_mode"),
        country=get("conn_country"),
        method="extended",
    )


_Thing = tuple[str, str, str | None, str | None, str | None]


def _thing(values: Values) -> _Thing | None:
    """Kind, id, title, artist and album of what was played."""
    get = values.get
    title = get("master_metadata_track_name")
    artist = get("master_metadata_album_artist_name")
    uri = get("spotify_track_uri")
    found = _URI.fullmatch(uri) if uri else None
    if found and found[1] == "track":
        return "track", found[2], title, artist, get("master_metadata_album_album_name")
    made = named(artist, title)
    if made:
        return "local" if uri else "track", made, title, artist, get("master_metadata_album_album_name")
    spoken: tuple[tuple[str, str, str, str, str], ...] = (
        ("episode", "spotify_episode_uri", "episode_name", "episode_show_name", ""),
        ("chapter", "audiobook_chapter_uri", "audiobook_chapter_title", "", "audiobook_title"),
    )
    for kind, address, name, show, book in spoken:
        found = _URI.fullmatch(get(address) or "")
        made = found[2] if found else named(get(show) or get(book), get(name))
        if made:
            return kind, made, get(name), get(show), get(book)
    return None


def _account(values: Values, played_at: datetime, heard: int | None) -> Play | Problem:
    get = values.get
    kind, artist, title = "track", get("artistName"), get("trackName")
    if not title and get("episodeName"):
        kind, artist, title = "episode", get("podcastName"), get("episodeName")
    made = named(artist, title)
    if made is None:
        return Problem(reason=_ODD)
    return Play(
        user_id=None,
        played_at=played_at,
        track_id=made,
        kind=kind,
        ms_played=heard,
        track_name=title,
        artist_name=artist,
        album_name=None,
        method="account",
    )


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
