"""MBIDs of a catalogue's things: the number of an id under a key a kind, so that both ways are sums."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from tunelake.sandbox.draw import key_of
from tunelake.sandbox.ids import decode, encode

Kind = Literal["artist", "release", "release-group", "recording", "track", "url", "label"]


def mbid_of(kind: Kind, thing_id: str) -> str | None:
    """The MBID of a thing; None for an id that no MBID can hold."""
    number = decode(thing_id)
    return None if number is None or number >> 128 else str(UUID(int=number ^ _key(kind)))


def id_behind(kind: Kind, mbid: str) -> str | None:
    """The id an MBID stands for; None for a text that is no MBID."""
    try:
        return encode(UUID(mbid).int ^ _key(kind))
    except ValueError:
        return None


def _key(kind: Kind) -> int:
    return key_of(f"mbid {kind}") << 64 | key_of(kind)
