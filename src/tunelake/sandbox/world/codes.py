"""Ids, ISRCs and UPCs that hold the number of what they name, so that they are read without a table."""

from __future__ import annotations

import re
from typing import NamedTuple

from tunelake.sandbox.draw import mix
from tunelake.sandbox.ids import decode, encode
from tunelake.sandbox.world.shuffle import Shuffle

ARTIST, ALBUM, TRACK, PLAYLIST = range(1, 5)
ALBUMS = 16  # at most so many albums an artist, and tracks an album
TRACKS = 24

_ROUNDS = 4
_LOW = (1 << 64) - 1
_ISRC = re.compile(r"[A-Z]{2}([0-9A-Z]{3})[0-9]{2}([0-9]{5})")
_ISRCS = 36**3 * 10**5
_UPC = re.compile(r"0?([0-9]{11})[0-9]")
_UPCS = 10**11
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ref(NamedTuple):
    """What an id names: a kind, the artist's (or playlist's) number, the album's and the track's place."""

    kind: int
    owner: int
    album: int = 0
    track: int = 0


class Codes:
    """Writes and reads the codes of one world."""

    def __init__(self, seed: int) -> None:
        self._keys = [mix(mix(seed) + 100 + number) for number in range(_ROUNDS)]
        self._isrcs = Shuffle(_ISRCS, mix(seed) + 200)
        self._upcs = Shuffle(_UPCS, mix(seed) + 300)

    def id(self, ref: Ref) -> str:
        """The id of a thing."""
        left, right = ref.kind << 60 | ref.owner << 16 | ref.album << 8 | ref.track, 0
        for key in self._keys:
            left, right = right, left ^ mix(right ^ key)
        return encode(left << 64 | right)

    def ref(self, text: str) -> Ref | None:
        """What an id names, or None when it is no id of this world."""
        number = decode(text)
        if number is None or number >> 128:
            return None
        left, right = number >> 64, number & _LOW
        for key in reversed(self._keys):
            left, right = right ^ mix(left ^ key), left
        if right:
            return None
        return Ref(left >> 60, left >> 16 & (1 << 44) - 1, left >> 8 & 0xFF, left & 0xFF)

    def isrc(self, country: str, year: int, ref: Ref) -> str:
        """The ISRC of a recording."""
        number = self._isrcs.place((ref.owner * ALBUMS + ref.album) * TRACKS + ref.track)
        owner, place = divmod(number, 10**5)
        letters = _BASE36[owner // 1296] + _BASE36[owner // 36 % 36] + _BASE36[owner % 36]
        return f"{country}{letters}{year % 100:02d}{place:05d}"

    def recording(self, isrc: str) -> Ref | None:
        """The recording an ISRC could be of; whether it is, only its record tells."""
        found = _ISRC.fullmatch(isrc.upper().replace("-", ""))
        if found is None:
            return None
        number = self._isrcs.back(int(found[1], 36) * 10**5 + int(found[2]))
        rest, track = divmod(number, TRACKS)
        return Ref(TRACK, rest // ALBUMS, rest % ALBUMS, track)

    def upc(self, ref: Ref) -> str:
        """The UPC of a release, with its check digit."""
        digits = f"{self._upcs.place(ref.owner * ALBUMS + ref.album):011d}"
        total = 3 * sum(map(int, digits[::2])) + sum(map(int, digits[1::2]))
        return f"{digits}{-total % 10}"

    def release(self, upc: str) -> Ref | None:
        """The release a UPC (or the EAN of 13 digits) could be of."""
        found = _UPC.fullmatch(upc)
        if found is None:
            return None
        owner, album = divmod(self._upcs.back(int(found[1])), ALBUMS)
        return Ref(ALBUM, owner, album)
