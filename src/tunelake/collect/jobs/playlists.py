"""Playlists with their items; an async shell."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tunelake.collect.crew import each
from tunelake.collect.jobs.session import Session
from tunelake.collect.ports import Want
from tunelake.collect.report import Outcome, RunReport
from tunelake.collect.resolve import not_an_id
from tunelake.domain.states import State
from tunelake.sources.spotify.ids import read_id


async def collect(session: Session, ids: Sequence[str]) -> RunReport:
    """Collect playlists, each once."""
    asked = [one.strip() for one in ids if one.strip()]
    session.ledger.want("playlist", asked, session.clock.now())
    one_each = list(dict.fromkeys(read_id(one, "playlist") or one for one in asked))

    async def read(one: str) -> Want:
        return await _playlist(session, one)

    told = await each("playlists", one_each, read, session.progress)
    by_id = dict(zip(one_each, told, strict=True))
    wants = [msgspec.structs.replace(by_id[read_id(one, "playlist") or one], asked=one) for one in asked]
    session.account.tell()
    session.ledger.put_wants(wants, session.clock.now())
    outcome = Outcome()
    outcome.add(wants)
    return session.report(outcome)


async def _playlist(session: Session, asked: str) -> Want:
    playlist_id = read_id(asked, "playlist")
    if playlist_id is None:
        return not_an_id("playlist", asked)
    known, reading = await session.lists.read_playlist(playlist_id)
    state, reason = known.state, known.reason
    if state is State.FETCHED:
        session.account.reading(f"items of playlist {playlist_id}", "playlist", playlist_id, reading)
        state = State.FETCHED if known.asked else State.UNCHANGED
        reason = reading.reason or reading.gap
    return Want(kind="playlist", asked=asked, state=state, reason=reason)
