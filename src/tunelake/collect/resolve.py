"""From asked names and ids to artists; an async shell over `match.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from tunelake.collect.account import artist_sight, sight
from tunelake.collect.asked import Asked, read_names
from tunelake.collect.asker import Asker
from tunelake.collect.batch import ARTISTS, Batcher
from tunelake.collect.crew import each
from tunelake.collect.entities import Sight
from tunelake.collect.known import Known
from tunelake.collect.match import NEAR_SPELLING, Match, match
from tunelake.collect.ports import Want
from tunelake.collect.tally import Progress
from tunelake.domain.names import fold, searched, without_article
from tunelake.domain.states import State
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.ids import read_id
from tunelake.sources.spotify.wire import Alias


class Resolver:
    """Finds out which artists are meant.

    Attributes:
        sights: What was learned of the artists found.
    """

    def __init__(self, asker: Asker, batcher: Batcher, progress: Progress) -> None:
        self._asker = asker
        self._batcher = batcher
        self._progress = progress
        self.sights: list[Sight] = []

    async def names(self, lines: Iterable[str]) -> list[Want]:
        """One want for each line that asks for something, in order."""
        asked = read_names(lines)
        searched = [one for one in asked if not one.problem and one.same_as is None]
        wants = await each("search", searched, self._name, self._progress)
        found = {one.text: want for one, want in zip(searched, wants, strict=True)}
        return [_accounted(one, found) for one in asked]

    async def ids(self, ids: Sequence[str]) -> list[Want]:
        """One want for each id."""
        read = [(one.strip(), read_id(one, "artist")) for one in ids if one.strip()]
        known = await self._batcher.fetch("artists", ARTISTS, (one for _, one in read if one))
        self.sights += [artist_sight(one, answer) for one, answer in known.items()]
        return [_by_id(asked, known[one]) if one else not_an_id("artist", asked) for asked, one in read]

    async def _name(self, asked: Asked) -> Want:
        known = await self._asker.ask(endpoints.search_artist(asked.name))
        bare = without_article(fold(asked.name))
        if known.state is State.FETCHED and not known.gist.hits and bare != fold(asked.name):
            known = await self._asker.ask(endpoints.search_artist(bare))
        if known.state is not State.FETCHED:
            return Want(kind="artist", asked=asked.text, state=known.state, reason=known.reason)
        found = match(asked.name, known.gist.hits)
        self._keep_alias(asked, found, known)
        if found.hit:
            self.sights.append(sight("artist", found.hit.id, known, found.hit.digest))
        return named(asked.text, found, fresh=not known.asked)

    def _keep_alias(self, asked: Asked, found: Match, known: Known) -> None:
        name = searched(asked.name)
        # A slip of the pen is not another name.
        if found.hit and found.method != NEAR_SPELLING and fold(found.hit.name) != fold(name):
            record = Alias(found.hit.id, name, found.method or "", found.confidence or 0.0)
            self._asker.land_own(
                "alias", f"/alias/{found.hit.id}", (("name", name),), msgspec.json.encode(record), known
            )


def named(text: str, found: Match, *, fresh: bool) -> Want:
    """What became of a name, given what it was found to mean."""
    state = State.UNCHANGED if fresh and found.state is State.FETCHED else found.state
    return Want(
        kind="artist",
        asked=text,
        state=state,
        reason=found.reason,
        artist_id=found.hit.id if found.hit else None,
        name=found.hit.name if found.hit else None,
        method=found.method,
        confidence=found.confidence,
        candidates=found.candidates,
    )


def not_an_id(kind: str, asked: str) -> Want:
    """A text that cannot be an id is not asked for."""
    reason = f"not an id: 22 letters and digits, or the address of the {kind}, were expected"
    return Want(kind=kind, asked=asked, state=State.NOT_FOUND, reason=reason)


def _by_id(asked: str, known: Known) -> Want:
    if known.state is not State.FETCHED:
        return Want(kind="artist", asked=asked, state=known.state, reason=known.reason)
    return Want(
        kind="artist",
        asked=asked,
        state=State.FETCHED if known.asked else State.UNCHANGED,
        artist_id=known.gist.ids[0] or asked,
        name=known.gist.hits[0].name if known.gist.hits else None,
        method="id",
        confidence=1.0,
    )


def _accounted(asked: Asked, found: dict[str, Want]) -> Want:
    """A line that was not searched for gets its state too."""
    if asked.problem:
        return Want(kind="artist", asked=asked.text, state=State.NOT_FOUND, reason=asked.problem)
    if asked.same_as is None:
        return found[asked.text]
    first = found[asked.same_as]
    reason = f"asked before as {asked.same_as!r}" + (f": {first.reason}" if first.reason else "")
    return msgspec.structs.replace(first, asked=asked.text, reason=reason)
