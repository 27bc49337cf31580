"""What the users of a sandbox listen to: made up, the same at every start, going on with the clock."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from tunelake.sandbox.catalogue import Catalogue

REMEMBERED = 50
"""As many plays back the real API tells, and no more."""
_LISTS = 4
_POOL = 400
_SPREAD = 0.5


class Heard(msgspec.Struct, frozen=True):
    """One play: when it ended, in milliseconds since 1970, and of what."""

    at_ms: int
    track_id: str


class Listening:
    """Plays about every `every_s` seconds, for ever; what is played follows from user and time."""

    def __init__(self, every_s: float, clock: Callable[[], float] = time.time) -> None:
        self._every_ms = every_s * 1000
        self._clock = clock
        self._pool: list[str] = []

    def recent(self, catalogue: Catalogue, user: str) -> list[Heard]:
        """The last plays, newest first."""
        pool = self._tracks(catalogue)
        now_ms = self._clock() * 1000
        if not pool:
            return []
        last = int(now_ms // self._every_ms) + 1
        plays = (self._play(pool, user, number) for number in range(last, max(0, last - REMEMBERED - 2), -1))
        return [play for play in plays if play.at_ms <= now_ms][:REMEMBERED]

    def favourites(self, catalogue: Catalogue, user: str, span: str) -> list[str]:
        """Track ids, most heard first."""
        return sorted(self._tracks(catalogue), key=lambda track_id: _number(user, span, track_id))

    def _play(self, pool: list[str], user: str, number: int) -> Heard:
        drawn = _number(user, "play", str(number))
        late = (drawn >> 40) % 1000 / 1000 * _SPREAD
        return Heard(int((number + late) * self._every_ms), pool[drawn % len(pool)])

    def _tracks(self, catalogue: Catalogue) -> list[str]:
        if not self._pool:
            self._pool = list(dict.fromkeys(islice(_known(catalogue), _POOL)))
        return self._pool


def _known(catalogue: Catalogue) -> Iterator[str]:
    """Ids of tracks that exist: of the first playlists, then of new releases."""
    for playlist_id in catalogue.playlists()[:_LISTS]:
        playlist = catalogue.playlist(playlist_id)
        for track_id in playlist.track_ids if playlist else ():
            if track_id and catalogue.track(track_id):
                yield track_id
    for album_id in catalogue.new_releases():
        album = catalogue.album(album_id)
        for track_id in album.track_ids if album else ():
            if catalogue.track(track_id):
                yield track_id


def _number(*words: str) -> int:
    return int.from_bytes(hashlib.blake2b("\0".join(words).encode(), digest_size=8).digest(), "big")
