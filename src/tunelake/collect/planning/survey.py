"""Looks up in the ledger what a job still has to ask for; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from tunelake.collect.asked import read_names
from tunelake.collect.batch import ALBUMS, ARTISTS
from tunelake.collect.entities import Entity, due
from tunelake.collect.jobs.discover import Bounds
from tunelake.collect.known import Known, name_on, still_known
from tunelake.collect.match import match
from tunelake.collect.planning.plan import TRACKS_EACH, Survey
from tunelake.collect.ports import Ledger
from tunelake.domain.names import fold, without_article
from tunelake.domain.states import State
from tunelake.sources.request import Request, following
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.ids import read_id
from tunelake.sources.spotify.profiles import PAGE_SIZES


class Surveyor:
    """Knows what one server's ledger knows, as of now."""

    def __init__(self, ledger: Ledger, server: str, now: datetime, max_age: timedelta) -> None:
        self._ledger = ledger
        self._server = server
        self._now = now
        self._max_age = max_age

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
        fresh = self._fresh([ARTISTS.one(one) for one in wanted])
        by_id = sum(known is None for known in fresh)
        told = {hit.id: hit.name for known in fresh if known for hit in known.gist.hits}
        named = found | {one: told.get(one, "") for one in wanted}
        artists = list(named)
        lists = {entity.id: entity for entity in self._ledger.entities("albums")}
        survey = Survey(
            searches=searches,
            by_id=by_id,
            artists=len(artists),
            strangers=searches,
            parts=parts,
            markets=len(markets),
            instead=self._missing([endpoints.search_tracks_of(name) for name in named.values() if name]),
            rankings=self._missing([endpoints.top_tracks(one, m) for m in markets for one in artists]),
            totals=tuple(entity.total for entity in lists.values() if entity.total is not None),
        )
        if "related" in parts or bounds.steps:
            missing = self._missing([endpoints.related_artists(one) for one in artists])
            survey = msgspec.structs.replace(survey, neighbours=missing)
        if bounds.steps and (survey.neighbours or searches):
            room = max(0, bounds.most - len(artists) - searches)
            survey = msgspec.structs.replace(survey, discovered=room, steps=bounds.steps)
        return self._releases(survey, artists, lists) if parts & {"albums", "tracks"} else survey

    def refresh(self, age: timedelta | None) -> Survey:
        """Survey a refresh of known artists."""
        known = self._ledger.entities("artist")
        chosen = due(known, self._now, self._max_age if age is None else age, by_change=age is None)
        return Survey(by_id=len(chosen))

    def playlists(self, ids: Sequence[str]) -> Survey:
        """Survey a job of playlists."""
        wanted = list(dict.fromkeys(one for text in ids if (one := read_id(text, "playlist"))))
        totals = {entity.id: entity.total for entity in self._ledger.entities("playlist")}
        fresh = self._fresh([endpoints.playlist(one) for one in wanted])
        return Survey(
            playlists=tuple(totals.get(one) for one, known in zip(wanted, fresh, strict=True) if not known)
        )

    def _searched(self, names: Sequence[str]) -> tuple[dict[str, str], int]:
        """The artists whose searches are fresh, with their names, and how many searches are not."""
        found, searches = dict[str, str](), 0
        for name, known in zip(names, self._fresh(map(endpoints.search_artist, names)), strict=True):
            bare, told = without_article(fold(name)), known
            if known and known.state is State.FETCHED and not known.gist.hits and bare != fold(name):
                told = self._fresh([endpoints.search_artist(bare)])[0]
            if told is None:
                searches += 1
            elif told.state is State.FETCHED and (hit := match(name, told.gist.hits).hit):
                found[hit.id] = hit.name
        return found, searches

    def _releases(self, survey: Survey, artists: Sequence[str], lists: dict[str, Entity]) -> Survey:
        stale: list[int] = []
        new, albums = 0, dict[str, None]()
        for one in artists:
            keys = self._list(one)
            if keys is not None:
                albums.update(dict.fromkeys(keys))
            elif (entity := lists.get(one)) and entity.total is not None:
                stale.append(entity.total)
            else:
                new += 1
        ids = list(albums)
        fresh = self._fresh([ALBUMS.one(album) for album in ids]) if "tracks" in survey.parts else []
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

    def _list(self, artist: str) -> list[str] | None:
        """The releases of an artist where the whole list is fresh."""
        first = [endpoints.artist_albums(artist, size) for size in PAGE_SIZES]
        known = next((one for one in self._fresh(first) if one), None)
        keys: list[str] = []
        while known:
            part = known.gist.part
            keys += [key for key in part.keys if key] if part else []
            if part is None or part.next is None:
                return keys
            request = following(part.next, self._server, "artist_albums")
            known = self._fresh([request])[0] if request else None
        return None

    def _missing(self, requests: Sequence[Request]) -> int:
        return sum(known is None for known in self._fresh(requests))

    def _fresh(self, requests: Iterable[Request]) -> list[Known | None]:
        asked = list(requests)
        names = [name_on(self._server, request) for request in asked]
        answers = self._ledger.answered(names)
        oldest = self._now - self._max_age
        return [
            still_known(answers.get(name), request, oldest)
            for name, request in zip(names, asked, strict=True)
        ]
