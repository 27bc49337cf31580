"""Looks up in the ledgers what a job at an open source still has to ask for; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

from tunelake.collect.asked import read_names
from tunelake.collect.batch import LISTENERS
from tunelake.collect.jobs.discover import NOBODY, Bounds, step
from tunelake.collect.match import match
from tunelake.collect.open_sources.parts import LISTS, NEIGHBOURS
from tunelake.collect.planning.open_plan import OpenSurvey
from tunelake.collect.planning.remembered import Remembered
from tunelake.collect.planning.survey import SAMPLE, count_due
from tunelake.domain.states import State
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.musicbrainz import endpoints as musicbrainz
from tunelake.sources.musicbrainz.ids import read_mbid
from tunelake.sources.spotify.ids import read_id


class OpenSurveyor:
    """Knows what the ledgers of the open sources know."""

    def __init__(self, musicbrainz_: Remembered, listenbrainz_: Remembered) -> None:
        self._people = musicbrainz_
        self._listeners = listenbrainz_

    def artists(
        self,
        source: str,
        names: Iterable[str],
        ids: Sequence[str],
        parts: Sequence[str],
        bounds: Bounds = NOBODY,
    ) -> OpenSurvey:
        """Survey a job of artists."""
        named, searches = self._named(names)
        linked, links = self._identified(ids)
        asked = list(dict.fromkeys([*named, *linked]))
        found, asked_near, unsure = self._discovered(source, asked, bounds)
        room = max(0, bounds.most - len(found) - searches - links) if unsure or searches or links else 0
        looked_up = found if source == "musicbrainz" else asked
        people = self._people.missing(map(musicbrainz.artist, looked_up))
        discovered = room if bounds.steps else 0
        if source == "musicbrainz":
            lists = [part for part in parts if part in LISTS]
            known = {part: self._lists(part, found) for part in lists}
            totals = {part: self._totals(part) for part in lists}
            return OpenSurvey(
                searches=searches, links=links, people=people, strangers=searches + links,
                lists=known, totals=totals, parts=frozenset(parts), discovered=discovered,
                steps=bounds.steps,
            )  # fmt: skip
        missing = self._listeners.missing
        return OpenSurvey(
            searches=searches,
            links=links,
            people=people,
            strangers=searches + links,
            listeners=missing(map(LISTENERS.one, found)),
            rankings=missing(map(listenbrainz.top_recordings, found)) if "top-tracks" in parts else 0,
            neighbours=missing(
                map(listenbrainz.similar_artists, found if "related" in parts else asked_near)
            ),
            discovered=discovered,
            steps=bounds.steps,
            parts=frozenset(parts),
        )

    def _discovered(
        self, source: str, asked: Sequence[str], bounds: Bounds
    ) -> tuple[list[str], list[str], bool]:
        """All artists known to be found, those whose neighbours are asked for, whether more may come."""
        remembered = self._people if source == "musicbrainz" else self._listeners
        found, last, near_of, unsure = list(asked), list(asked), list[str](), False
        for _ in range(bounds.steps):
            if len(found) >= bounds.most:
                break
            near_of += last
            answers = remembered.fresh(NEIGHBOURS[source](one) for one in last)
            near = {
                one: [hit.id for hit in known.gist.hits]
                for one, known in zip(last, answers, strict=True)
                if known
            }
            unsure = unsure or len(near) < len(last)
            last = step(found, last, near, bounds.most)
            found += last
        return found, near_of, unsure

    def refresh(self, source: str, age: timedelta | None) -> OpenSurvey:
        """Survey a refresh of known artists."""
        if source == "musicbrainz":
            return OpenSurvey(people=count_due(self._people, age))
        return OpenSurvey(listeners=count_due(self._listeners, age))

    def _named(self, names: Iterable[str]) -> tuple[list[str], int]:
        """MBIDs of names whose searches are fresh, and how many searches are not."""
        asked = [one.name for one in read_names(names) if not one.problem and one.same_as is None]
        found, searches = list[str](), 0
        for name, known in zip(asked, self._people.fresh(map(musicbrainz.search_artist, asked)), strict=True):
            if known is None:
                searches += 1
            elif known.state is State.FETCHED and (hit := match(name, known.gist.hits).hit):
                found.append(hit.id)
        return found, searches

    def _identified(self, ids: Sequence[str]) -> tuple[list[str], int]:
        """MBIDs that are known, and how many links are to be asked for."""
        found, links = list[str](), 0
        for text in ids:
            mbid, spotify_id = read_mbid(text), read_id(text, "artist")
            if mbid is None and spotify_id:
                page = musicbrainz.SPOTIFY_PAGE + spotify_id
                known = self._people.fresh([musicbrainz.artist_of_url(page)])[0]
                links += known is None
                mbid = known.gist.hits[0].id if known and len(known.gist.hits) == 1 else None
            if mbid:
                found.append(mbid)
        return found, links

    def _lists(self, part: str, mbids: Sequence[str]) -> tuple[int | None, ...]:
        seen = self._people.ledger.seen(part, mbids)
        first = {mbid: LISTS[part](mbid) for mbid in mbids}
        stale = [mbid for mbid in mbids if self._people.listed([first[mbid]]) is None]
        return tuple(seen[mbid].total if mbid in seen else None for mbid in stale)

    def _totals(self, part: str) -> tuple[int, ...]:
        known = islice(self._people.ledger.entities(part), SAMPLE)
        return tuple(entity.total for entity in known if entity.total is not None)
