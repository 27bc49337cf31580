"""What artists release: albums and tracks, and who is heard on whose."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tunelake.sandbox.catalogue import AlbumType, DatePrecision
from tunelake.sandbox.draw import Draw, mix
from tunelake.sandbox.world.codes import ALBUMS, TRACKS
from tunelake.sandbox.world.population import Population

LAST_YEAR = 2025
_MEET = 0.05  # chance that one of a group is a guest of another
_MEET_ABROAD = 0.25  # and of the one of the same standing in the next group
_WHOLE_ALBUM = 0.12  # of meetings: both names stand on the whole album


class Release(NamedTuple):
    """A release before it has a name; a compilation repeats recordings, given as (album, track) places."""

    kind: AlbumType
    date: str
    precision: DatePrecision
    tracks: int
    repeats: tuple[tuple[int, int], ...] = ()

    @property
    def year(self) -> int:
        """The year of release."""
        return int(self.date[:4])


class Meeting(NamedTuple):
    """A guest on an album of a host: on one track, or on all when `track` is None."""

    host: int
    guest: int
    album: int
    track: int | None


class Releases:
    """The discographies of a population."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._seed = population.seed
        self._meetings = Draw(self._seed, 6)
        self.of = lru_cache(maxsize=16_384)(self._of)
        self.guests = lru_cache(maxsize=16_384)(self._guests)
        self.meetings_as_guest = lru_cache(maxsize=16_384)(self._meetings_of_guest)
        self._members = lru_cache(maxsize=4_096)(population.members)

    def _meetings_of_guest(self, rank: int) -> tuple[Meeting, ...]:
        """Where an artist is a guest."""
        group = self._population.group_of(rank)
        then = self._meetings.then
        found = [
            self._meeting(then(host), host, rank, _MEET) for host in self._members(group) if host != rank
        ]
        found.extend(
            self._meeting(then(host), host, rank, _MEET_ABROAD)
            for host in self._same_standing(rank, group, step=1)
        )
        return tuple(one for one in found if one is not None)

    def _guests(self, rank: int) -> tuple[Meeting, ...]:
        """Who is a guest of an artist."""
        group = self._population.group_of(rank)
        own = self._meetings.then(rank)
        found = [self._meeting(own, rank, guest, _MEET) for guest in self._members(group) if guest != rank]
        found.extend(
            self._meeting(own, rank, guest, _MEET_ABROAD)
            for guest in self._same_standing(rank, group, step=-1)
        )
        return tuple(one for one in found if one is not None)

    def _same_standing(self, rank: int, group: int, *, step: int) -> list[int]:
        groups = self._population.groups
        place = self._members(group).index(rank)
        others = self._members((group + step) % groups)
        return [others[place]] if groups > 1 and place < len(others) else []

    def _meeting(self, of_host: Draw, host: int, guest: int, chance: float) -> Meeting | None:
        draw = of_host.then(guest)
        if not draw.chance(chance):
            return None
        own = [place for place, release in enumerate(self.of(host)) if release.kind != "compilation"]
        album = draw.pick(own)
        whole = draw.chance(_WHOLE_ALBUM)
        return Meeting(host, guest, album, None if whole else draw.below(self.of(host)[album].tracks))

    def _of(self, rank: int) -> tuple[Release, ...]:
        """The releases of an artist, oldest first."""
        draw = Draw(self._seed, 5, rank)
        year = min(LAST_YEAR, self._population.group(self._population.group_of(rank)).since + draw.below(12))
        if draw.chance(0.03):
            return (_dated("single", 1, year, draw),)
        famous = rank * 20 < self._population.size
        found: list[Release] = []
        for _ in range(draw.between(1, 6) + 4 * famous):
            if draw.chance(0.5):
                found.append(_dated("album", draw.between(7, 14), year, draw))
            else:
                found.append(_dated("single", draw.pick((1, 1, 1, 2, 3, 5)), year, draw))
            year += draw.pick((0, 1, 1, 2, 3))
            if year > LAST_YEAR:
                break
        found.sort(key=lambda release: release.date)
        if len(found) > 2 and year <= LAST_YEAR and draw.chance(0.3):  # noqa: PLR2004 - two make no retrospect
            repeats = tuple(
                (album, track)
                for track in range(TRACKS)
                for album, release in enumerate(found)
                if track < release.tracks
            )[:12]
            found.append(_dated("compilation", len(repeats), year + 1, draw)._replace(repeats=repeats))
        return tuple(found[:ALBUMS])


def _dated(kind: AlbumType, tracks: int, year: int, draw: Draw) -> Release:
    """A release with a date as exact as its age allows."""
    month, day, luck = draw.between(1, 12), draw.between(1, 28), draw.unit()
    if luck < (0.5 if year < 1990 else 0.06):  # noqa: PLR2004 - before files had exact dates
        return Release(kind, f"{year:04d}", "year", tracks)
    if luck < (0.6 if year < 1990 else 0.09):  # noqa: PLR2004 - as above
        return Release(kind, f"{year:04d}-{month:02d}", "month", tracks)
    return Release(kind, f"{year:04d}-{month:02d}-{day:02d}", "day", tracks)


def track_key(seed: int, rank: int, album: int, track: int) -> int:
    """The key of everything drawn for a recording."""
    return mix(mix(mix(seed) + rank) + (album << 8 | track) + 7)
