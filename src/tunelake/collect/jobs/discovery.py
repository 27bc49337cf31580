"""Adds artists that are near to those asked for, step by step, within bounds; an async shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tunelake.collect.account import artist_sight
from tunelake.collect.batch import ARTISTS
from tunelake.collect.jobs.discover import Bounds, led_by, most_often, step
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
_WORDS = {"related": "related to", "collaborators": "credited beside", "playlists": "on the playlists of"}


class Discovery:
    """What one run discovers."""

    def __init__(self, session: Session, parts: Parts, bounds: Bounds) -> None:
        self._session = session
        self._parts = parts
        self._bounds = bounds
        self._found: dict[str, str] = {}
        self._added = 0
        self._playlists: list[list[str]] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether there is anything to discover."""
        return bool(self._bounds.steps)

    async def from_(self, named: Mapping[str, str]) -> list[Want]:
        """Discover from artists, given as id to name; every one found says why it is wanted."""
        if not self._bounds.steps:
            return []
        wants: list[Want] = []
        last = [one for one in named if one not in self._found]
        self._found |= named
        for number in range(1, self._bounds.steps + 1):
            if not last or len(self._found) >= self._bounds.most:
                break
            near = await self._near(last, number)
            new = step(list(self._found), last, near, self._bounds.most)
            leading = led_by(last, near, new)
            reasons = {
                one: f"{_WORDS[self._bounds.way]} {self._found[leading[one]] or leading[one]}, step {number}"
                for one in new
            }
            told = await self._known(new, reasons)
            wants += told
            last = [want.artist_id for want in told if want.artist_id]
            self._found |= {want.asked: want.name or "" for want in told}
        self._added += len(wants)
        return wants

    def tell(self) -> None:
        """Say how many were found."""
        if self._bounds.steps:
            self._session.account.notes.append(f"discovered {self._added} artists")

    async def _near(self, last: Sequence[str], number: int) -> dict[str, list[str]]:
        """Artists near to each, nearest first."""
        if self._bounds.way == "related":
            requests = [endpoints.related_artists(one) for one in last]
            answers = await self._parts.gated(f"discover, step {number}", requests)
            for answer in answers:
                self._remember(answer)
            return {
                one: [hit.id for hit in answer.gist.hits] for one, answer in zip(last, answers, strict=True)
            }
        groups = await self._releases(last) if self._bounds.way == "collaborators" else self._on_playlists()
        return {one: most_often(one, groups) for one in last}

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

    async def _known(self, ids: Sequence[str], reasons: Mapping[str, str]) -> list[Want]:
        """Fetch artists; those that came whole with an answer before cost nothing."""
        answers = await self._session.batcher.fetch("discovered artists", ARTISTS, ids)
        self._session.account.see(artist_sight(one, answer) for one, answer in answers.items())
        return [_want(one, answer, reasons[one], self._bounds.way) for one, answer in answers.items()]


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
