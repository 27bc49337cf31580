"""From names and ids to artists of MusicBrainz, which knows who is who; an async shell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from tunelake.collect.account import artist_sight
from tunelake.collect.asked import Asked, read_names
from tunelake.collect.crew import each
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.known import Known
from tunelake.collect.match import match
from tunelake.collect.ports import Want
from tunelake.domain.states import State
from tunelake.sources.musicbrainz import endpoints
from tunelake.sources.musicbrainz.ids import read_mbid
from tunelake.sources.spotify.ids import read_id


class Finder:
    """Finds out which artists are meant."""

    def __init__(self, session: OpenSession) -> None:
        self._session = session
        self._side = session.musicbrainz

    async def names(self, lines: Iterable[str]) -> list[Want]:
        """One want for each line that asks for something, in order."""
        asked = read_names(lines)
        searched = [one for one in asked if not one.problem and one.same_as is None]
        wants = await each("search", searched, self._named, self._session.progress)
        found = {one.text: want for one, want in zip(searched, wants, strict=True)}
        return [_accounted(one, found) for one in asked]

    async def ids(self, ids: Sequence[str]) -> list[Want]:
        """One want for each MBID, or id of an artist at Spotify."""
        asked = list(dict.fromkeys(one.strip() for one in ids if one.strip()))
        return await each("artists", asked, self._identified, self._session.progress)

    async def _named(self, asked: Asked) -> Want:
        known = await self._side.asker.ask(endpoints.search_artist(asked.name))
        if known.state is not State.FETCHED:
            return unmet(asked.text, known)
        found = match(asked.name, known.gist.hits)
        if found.hit is None:
            return Want(
                kind="artist",
                asked=asked.text,
                state=found.state,
                reason=found.reason,
                candidates=found.candidates,
            )
        return await self._looked_up(asked.text, found.hit.id, found.method, found.confidence)

    async def _identified(self, text: str) -> Want:
        """An MBID, or an artist's id at Spotify, to which MusicBrainz may have a link."""
        mbid, method = read_mbid(text), "id"
        if mbid is None and (spotify_id := read_id(text, "artist")):
            known = await self._side.asker.ask(endpoints.artist_of_url(endpoints.SPOTIFY_PAGE + spotify_id))
            if known.state is not State.FETCHED:
                return unmet(text, known)
            mbid = known.gist.hits[0].id if len(known.gist.hits) == 1 else None
            method = "musicbrainz url relation"
        if mbid is None:
            reason = "neither an MBID nor an id that one artist of MusicBrainz is linked to"
            return Want(kind="artist", asked=text, state=State.NOT_FOUND, reason=reason)
        return await self._looked_up(text, mbid, method, 1.0)

    async def _looked_up(self, text: str, mbid: str, method: str | None, confidence: float | None) -> Want:
        known = await self._side.asker.ask(endpoints.artist(mbid))
        # An artist that was merged into another answers with the id of that one.
        hit = known.gist.hits[0] if known.gist.hits else None
        self._side.account.see([artist_sight(hit.id if hit else mbid, known)])
        if known.state is not State.FETCHED:
            return unmet(text, known)
        return Want(
            kind="artist",
            asked=text,
            state=State.FETCHED if known.asked else State.UNCHANGED,
            artist_id=hit.id if hit else mbid,
            name=hit.name if hit else None,
            method=method,
            confidence=confidence,
        )


def unmet(text: str, known: Known) -> Want:
    """A want for which there is no answer."""
    return Want(kind="artist", asked=text, state=known.state, reason=known.reason)


def _accounted(asked: Asked, found: dict[str, Want]) -> Want:
    """A line that was not searched for gets its state too."""
    if asked.problem:
        return Want(kind="artist", asked=asked.text, state=State.NOT_FOUND, reason=asked.problem)
    return msgspec.structs.replace(found[asked.same_as or asked.text], asked=asked.text)
