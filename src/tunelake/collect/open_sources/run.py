"""One run over open sources: from names or ids to what was asked for; an async shell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tunelake.collect.asked import Asked, read_names
from tunelake.collect.crew import batches
from tunelake.collect.open_sources.asker import Known, OpenAsker
from tunelake.collect.open_sources.meant import meant
from tunelake.collect.ports import Ledger, Want
from tunelake.collect.report import Gap
from tunelake.collect.tally import Progress
from tunelake.domain.pages import Listing, fingerprint, page_id
from tunelake.domain.states import State
from tunelake.sources.gist import Part
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.musicbrainz import endpoints as musicbrainz
from tunelake.sources.musicbrainz.ids import read_mbid
from tunelake.sources.request import Request
from tunelake.sources.spotify.ids import read_id

SPOTIFY_PAGE = "https://open.spotify.com/artist/"
MAX_PARTS = 1000


class OpenRun:
    """Finds artists by MusicBrainz, then collects from the source that was named."""

    def __init__(
        self, musicbrainz_: OpenAsker, listenbrainz_: OpenAsker, ledger: Ledger, progress: Progress
    ) -> None:
        self._musicbrainz = musicbrainz_
        self._listenbrainz = listenbrainz_
        self._ledger = ledger
        self._progress = progress
        self.gaps: list[Gap] = []
        self.notes: list[str] = []

    async def artists(
        self, source: str, names: Iterable[str], ids: Sequence[str], parts: Sequence[str]
    ) -> list[Want]:
        """Collect artists with the parts asked for."""
        asked = read_names(names)
        identifiers = list(dict.fromkeys(one.strip() for one in ids if one.strip()))
        texts = list(dict.fromkeys([*(one.text for one in asked), *identifiers]))
        known = {want.asked for want in self._ledger.wants("artist")}
        owed = [Want(kind="artist", asked=one, state=State.WANTED) for one in texts if one not in known]
        self._ledger.put_wants(owed, self._musicbrainz.now())
        wants: dict[str, Want] = {}
        for done, one in enumerate(asked):
            self._progress("artists", done, len(texts))
            wants[one.text] = await self._named(one, wants)
            self._ledger.put_wants([wants[one.text]], self._musicbrainz.now())
        for text in identifiers:
            wants[text] = await self._identified(text)
            self._ledger.put_wants([wants[text]], self._musicbrainz.now())
        self._progress("artists", len(texts), len(texts))
        found = list(dict.fromkeys(want.artist_id for want in wants.values() if want.artist_id))
        await (self._works(found, parts) if source == "musicbrainz" else self._listeners(found, parts))
        return [wants[one] for one in texts]

    async def _named(self, asked: Asked, wants: dict[str, Want]) -> Want:
        if asked.problem:
            return Want(kind="artist", asked=asked.text, state=State.NOT_FOUND, reason=asked.problem)
        if asked.same_as is not None and asked.same_as in wants:
            return msgspec.structs.replace(wants[asked.same_as], asked=asked.text)
        known = await self._musicbrainz.ask(musicbrainz.search_artist(asked.name))
        if known.state is not State.FETCHED:
            return Want(kind="artist", asked=asked.text, state=known.state, reason=known.reason)
        found = meant(asked.name, known.gist.hits)
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
            known = await self._musicbrainz.ask(musicbrainz.artist_of_url(f"{SPOTIFY_PAGE}{spotify_id}"))
            if known.state is not State.FETCHED:
                return Want(kind="artist", asked=text, state=known.state, reason=known.reason)
            mbid = known.gist.hits[0].id if len(known.gist.hits) == 1 else None
            method = "musicbrainz url relation"
        if mbid is None:
            reason = "neither an MBID nor an id that one artist of MusicBrainz is linked to"
            return Want(kind="artist", asked=text, state=State.NOT_FOUND, reason=reason)
        return await self._looked_up(text, mbid, method, 1.0)

    async def _looked_up(self, text: str, mbid: str, method: str | None, confidence: float | None) -> Want:
        known = await self._musicbrainz.ask(musicbrainz.artist(mbid))
        if known.state is not State.FETCHED:
            return Want(kind="artist", asked=text, state=known.state, reason=known.reason)
        # An artist that was merged into another answers with the id of that one.
        hit = known.gist.hits[0] if known.gist.hits else None
        return Want(
            kind="artist",
            asked=text,
            state=State.FETCHED if known.asked else State.UNCHANGED,
            artist_id=hit.id if hit else mbid,
            name=hit.name if hit else None,
            method=method,
            confidence=confidence,
        )

    async def _works(self, mbids: Sequence[str], parts: Sequence[str]) -> None:
        for part, first in (("albums", musicbrainz.release_groups), ("tracks", musicbrainz.recordings)):
            for done, mbid in enumerate(mbids if part in parts else ()):
                self._progress(part, done, len(mbids))
                await self._list(f"{part} of artist {mbid}", first(mbid))

    async def _list(self, what: str, first: Request) -> None:
        started = self._musicbrainz.now()
        name = page_id(fingerprint("listing", first.path, first.params), started, b"")
        offset = 0
        for _ in range(MAX_PARTS):
            place = Listing(listing_id=name, started_at=started, offset=offset, total=None, whole=False)
            known = await self._musicbrainz.ask(musicbrainz.at_offset(first, offset), place)
            if known.state is not State.FETCHED:
                self._account(what, known)
                return
            part = known.gist.part or Part(keys=())
            offset += len(part.keys)
            if offset >= (part.total or 0):
                return
            if not part.keys:
                break
        reason = f"the list ended at {offset}, though the source tells of {part.total}"
        self.gaps.append(Gap(what=what, state=State.WANTED, reason=reason))

    async def _listeners(self, mbids: Sequence[str], parts: Sequence[str]) -> None:
        for some in batches(mbids, listenbrainz.MAX_MBIDS):
            known = await self._listenbrainz.ask(listenbrainz.popularity(some))
            self._account(f"listeners of {len(some)} artists", known)
        for part, make in (
            ("top-tracks", listenbrainz.top_recordings),
            ("related", listenbrainz.similar_artists),
        ):
            for done, mbid in enumerate(mbids if part in parts else ()):
                self._progress(part, done, len(mbids))
                self._account(f"{part} of artist {mbid}", await self._listenbrainz.ask(make(mbid)))

    def _account(self, what: str, known: Known) -> None:
        if known.state.is_gap:
            self.gaps.append(Gap(what=what, state=known.state, reason=known.reason))
        elif known.state is not State.FETCHED:
            self.notes.append(f"{what}: {known.state}, {known.reason}")


def by_state(wants: Sequence[Want]) -> dict[str, int]:
    """How many wants are in which state."""
    return dict(Counter(str(want.state) for want in wants))
