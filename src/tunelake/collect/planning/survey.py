"""Looks up in the ledger what a job still has to ask for; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import TypeVar

import msgspec

from tunelake.collect.asked import read_names
from tunelake.collect.batch import ALBUMS, ARTISTS, TRACKS
from tunelake.collect.entities import due
from tunelake.collect.jobs.discover import Bounds
from tunelake.collect.jobs.tracks import KIND as TRACK
from tunelake.collect.jobs.tracks import WantedTrack
from tunelake.collect.match import match
from tunelake.collect.planning.plan import TRACKS_EACH, Survey
from tunelake.collect.planning.remembered import Remembered
from tunelake.collect.ports import Ledger
from tunelake.domain.names import fold, without_article
from tunelake.domain.states import State
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.ids import read_id
from tunelake.sources.spotify.profiles import PAGE_SIZES

AT_ONCE = 1000
SAMPLE = 10_000
"""Lists that tell what is to be expected of others."""

Thing = TypeVar("Thing")


class Surveyor:
    """Knows what one server's ledger knows."""

    def __init__(self, ledger: Ledger, server: str, now: datetime, max_age: timedelta) -> None:
        self._remembered = Remembered(ledger, server, now, max_age)
        self._ledger = ledger

    def artists(
        self,
        names: Iterable[str],
        ids: Sequence[str],
        parts: frozenset[str],
        markets: Sequence[str],
        bounds: Bounds,
    ) -> Survey:
        """Survey a job of artists."""
        asked = [one.name for one in read_names(names) if not one.problem and one.same_as is None]
        found, searches = self._searched(asked)
        wanted = list(dict.fromkeys(one for text in ids if (one := read_id(text, "artist"))))
        fresh = self._remembered.fresh([ARTISTS.one(one) for one in wanted])
        told = {hit.id: hit.name for known in fresh if known for hit in known.gist.hits}
        named = found | {one: told.get(one, "") for one in wanted}
        artists, missing = list(named), self._remembered.missing
        totals = (entity.total for entity in islice(self._ledger.entities("albums"), SAMPLE))
        survey = Survey(
            searches=searches,
            by_id=sum(known is None for known in fresh),
            artists=len(artists),
            strangers=searches,
            parts=parts,
            markets=len(markets),
            instead=missing([endpoints.search_tracks_of(name) for name in named.values() if name]),
            rankings=missing([endpoints.top_tracks(one, m) for m in markets for one in artists]),
            totals=tuple(total for total in totals if total is not None),
            way=bounds.way,
        )
        if "related" in parts or (bounds.steps and bounds.way == "related"):
            neighbours = missing([endpoints.related_artists(one) for one in artists])
            survey = msgspec.structs.replace(survey, neighbours=neighbours)
        if bounds.steps and (searches or artists):
            room = max(0, bounds.most - len(artists) - searches)
            survey = msgspec.structs.replace(survey, discovered=room, steps=bounds.steps)
            if bounds.way == "collaborators":
                survey = msgspec.structs.replace(survey, parts=parts | {"albums", "tracks"})
        return self._releases(survey, artists) if survey.parts & {"albums", "tracks"} else survey

    def refresh(self, age: timedelta | None) -> Survey:
        """Survey a refresh of known artists."""
        return Survey(by_id=count_due(self._remembered, age))

    def tracks(self, wanted: Iterable[WantedTrack]) -> Survey:
        """Survey a job of tracks: those that are wanted now, and those still owed from before."""
        owed = (entity.id for entity in self._ledger.owed() if entity.kind == TRACK)
        return Survey(tracks=sum(map(self._missing_tracks, _some(chain(owed, self._newly(wanted))))))

    def _newly(self, wanted: Iterable[WantedTrack]) -> Iterator[str]:
        """Those that are not owed yet, and were not looked at since they are wanted."""
        for some in _some(wanted):
            known = self._ledger.seen(TRACK, [one.id for one in some])
            for one in dict.fromkeys(some):
                entity = known.get(one.id)
                asked = entity is not None and entity.checked_at is not None and one.since < entity.checked_at
                if not asked and not (entity and entity.owed):
                    yield one.id

    def _missing_tracks(self, ids: Sequence[str]) -> int:
        return self._remembered.missing(map(TRACKS.one, ids))

    def playlists(self, ids: Sequence[str]) -> Survey:
        """Survey a job of playlists."""
        wanted = list(dict.fromkeys(one for text in ids if (one := read_id(text, "playlist"))))
        seen = self._ledger.seen("playlist", wanted)
        fresh = self._remembered.fresh([endpoints.playlist(one) for one in wanted])
        asked = [one for one, known in zip(wanted, fresh, strict=True) if not known]
        return Survey(playlists=tuple(seen[one].total if one in seen else None for one in asked))

    def _searched(self, names: Sequence[str]) -> tuple[dict[str, str], int]:
        """The artists whose searches are fresh, with their names, and how many searches are not."""
        found, searches = dict[str, str](), 0
        requests = map(endpoints.search_artist, names)
        for name, known in zip(names, self._remembered.fresh(requests), strict=True):
            bare, told = without_article(fold(name)), known
            if known and known.state is State.FETCHED and not known.gist.hits and bare != fold(name):
                told = self._remembered.fresh([endpoints.search_artist(bare)])[0]
            if told is None:
                searches += 1
            elif told.state is State.FETCHED and (hit := match(name, told.gist.hits).hit):
                found[hit.id] = hit.name
        return found, searches

    def _releases(self, survey: Survey, artists: Sequence[str]) -> Survey:
        stale: list[int] = []
        new, albums = 0, dict[str, None]()
        lists = self._ledger.seen("albums", artists)
        for one in artists:
            keys = self._remembered.listed([endpoints.artist_albums(one, size) for size in PAGE_SIZES])
            if keys is not None:
                albums.update(dict.fromkeys(keys))
            elif (entity := lists.get(one)) and entity.total is not None:
                stale.append(entity.total)
            else:
                new += 1
        asked = [ALBUMS.one(album) for album in albums] if "tracks" in survey.parts else []
        fresh = self._remembered.fresh(asked)
        tracks = [
            known.gist.part.total for known in fresh if known and known.gist.part and known.gist.part.total
        ]
        return msgspec.structs.replace(
            survey,
            lists=tuple(stale),
            new_lists=new,
            albums=sum(known is None for known in fresh) + sum(stale) * ("tracks" in survey.parts),
            tracks_each=sum(tracks) / len(tracks) if tracks else TRACKS_EACH,
        )


def _some(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    rest = iter(things)
    return iter(lambda: list(islice(rest, AT_ONCE)), [])


def count_due(remembered: Remembered, age: timedelta | None) -> int:
    """How many known artists are due; `age` None goes by how often each changes."""
    now, oldest = remembered.now, remembered.max_age if age is None else age
    return sum(
        len(due(some, now, oldest, by_change=age is None))
        for some in remembered.ledger.longest_ago("artist", now)
    )
