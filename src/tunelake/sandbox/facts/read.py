"""The file of facts, as it is written."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec

from tunelake.sandbox.catalogue import AlbumType


class FactAlbum(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A release and some of its songs; a song with guests is a list: the title, then the guests."""

    name: str
    year: int
    songs: tuple[str | tuple[str, ...], ...]
    kind: AlbumType = "album"


class FactArtist(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An artist; `since` is the year they started (a person's first record or group)."""

    name: str
    country: str
    genres: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    since: int | None = None
    albums: tuple[FactAlbum, ...] = ()


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    artist: tuple[FactArtist, ...]


def read_facts() -> tuple[FactArtist, ...]:
    """Every artist in the file, the best known first as the file has them."""
    text = (files("tunelake.sandbox.facts") / "artists.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Facts).artist
