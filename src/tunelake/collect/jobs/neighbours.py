"""Who is near to whom at the Spotify Web API: related artists, releases and playlists; an async shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tunelake.collect.account import artist_sight
from tunelake.collect.batch import ARTISTS
from tunelake.collect.jobs.discover import Way, most_often
from tunelake.collect.jobs.parts import Parts
from tunelake.collect.jobs.session import Session
from tunelake.collect.known import Known
from tunelake.collect.ports import Want
from tunelake.domain.states import State
from tunelake.sources.gist import Gist
from tunelake.sources.request import following
from tunelake.sources.spotify import endpoints

MOST_PLAYLISTS = 1000
_EVER = datetime.min.replace(tzinfo=UTC)


class SpotifyNeighbours:
    """Finds neighbours in one of the ways."""

    def __init__(self, session: Session, parts: Parts, way: Way) -> None:
        self._session = session
        self._parts = parts
        self._way = way
        self._playlists: list[list[str]] | None = None

    async def near(self, last: Sequence[str], number: int) -> dict[str, list[str]]:
        """Artists near to each, nearest first."""
        if self._way == "related":
            requests = [endpoints.related_artists(one) for one in last]
            answers = await self._parts.gated(f"discover, step {number}", requests)
            for answer in answers:
                self._remember(answer)
            return {
                one: [hit.id for hit in answer.gist.hits] for one, answer in zip(last, answers, strict=True)
            }
        groups = await self._releases(last) if self._way == "collaborators" else self._on_playlists()
        return {one: most_often(one, groups) for one in last}

    async def fetch(self, ids: Sequence[str], reasons: Mapping[str, str]) -> list[Want]:
        """Fetch artists; those that came whole with an answer before cost nothing."""
        answers = await self._session.batcher.fetch("discovered artists", ARTISTS, ids)
        self._session.account.see(artist_sight(one, answer) for one, answer in answers.items())
        return [_want(one, answer, reasons[one], self._way) for one, answer in answers.items()]

    async def _releases(self, artists: Sequence[str]) -> list[list[str]]:
        """Who is credited on each release of artists."""
        albums = await self._parts.albums(artists)
        known = await self._parts.releases([album for of_one in albums.values() for album in of_one])
        return [[hit.id for hit in answer.gist.hits] for answer in known.values()]

    def _on_playlists(self) -> list[list[str]]:
        """Who is on each playlist that was collected; nothing is asked."""
        if self._playlists is None:
            known = self._session.ledger.entities("playlist")
            ids = [entity.id for entity, _ in zip(known, range(MOST_PLAYLISTS), strict=False)]
            self._playlists = [self._on_playlist(one) for one in ids]
            if not ids:
                note = "no playlist is known: collect some by `tunelake collect playlists --id ID`"
                self._session.account.notes.append(note)
        return self._playlists

    def _on_playlist(self, playlist_id: str) -> list[str]:
        asker, found = self._session.asker, dict[str, None]()
        request = endpoints.playlist(playlist_id)
        seen = set()
        while request.line not in seen and (known := asker.fresh([request], _EVER)[0]):
            seen.add(request.line)
            found.update((hit.id, None) for hit in known.gist.hits)
            link = known.gist.part.next if known.gist.part else None
            next_ = following(link, asker.base, "playlist_items") if link else None
            if next_ is None:
                break
            request = next_
        return list(found)

    def _remember(self, answer: Known) -> None:
        """Artists that come whole with an answer need not be asked for."""
        hits = [(ARTISTS.one(hit.id), hit) for hit in answer.gist.hits if hit.digest]
        told = [(request, State.FETCHED, Gist(ids=(hit.id,), hits=(hit,))) for request, hit in hits]
        self._session.asker.remember(answer, told)


def _want(one: str, known: Known, reason: str, way: str) -> Want:
    fetched = known.state is State.FETCHED
    hits = known.gist.hits
    return Want(
        kind="artist",
        asked=one,
        state=known.state,
        reason=f"{reason}: {known.reason}" if known.reason else reason,
        artist_id=one if fetched else None,
        name=hits[0].name if hits else None,
        method=f"discovered by {way}",
    )
