"""What landed answers tell of an application, in their order: what it may call, which fields drifted. Pure.

Answers that look alike at a place are judged together, each new look by itself: so a change is dated by the
first answer that showed it, however many landed at once. Looks that take turns within minutes are one: they
have a field that comes and goes by nature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import msgspec

from tunelake.collect.capabilities import answering, known_profile
from tunelake.collect.decide import OK
from tunelake.collect.drift import Field, judge
from tunelake.collect.gates import Gates
from tunelake.collect.known import SERVER
from tunelake.collect.ledger.ledger_view import Capability
from tunelake.collect.ports import Gate, Landed
from tunelake.domain.fields import Drift, Looks, Observed, Shape
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.sources.readers import fields_of

Place = tuple[str, str]
Look = frozenset[tuple[str, str]]
WHIM = timedelta(minutes=10)
"""A look that comes again within this time never went."""
_STATES = {OK: State.FETCHED, 403: State.FORBIDDEN, 410: State.GONE, 404: State.NOT_FOUND}


class AnsweredFields:
    """Reads pages of one server, in the order they landed.

    Attributes:
        gates: What is known of the endpoints not all applications may call.
        drift: What was not as expected, each from when on it was so and when it was so last.
    """

    def __init__(self, server: str) -> None:
        self.gates: dict[str, Gate] = {}
        self.drift: dict[tuple[str, ...], Drift] = {}
        self._server = server
        self._learning = Gates()
        self._fields: dict[Place, dict[str, Field]] = {}
        self._endpoints: dict[str, Capability] = {}
        self._runs: dict[Place, list[_Run]] = {}

    def passing(self, pages: Iterable[Landed]) -> Iterator[Landed]:
        """Hand pages on, each read on its way; after the last, everything is judged."""
        for landed in pages:
            if landed.page.headers.get(SERVER) == self._server:
                self._take(landed.page)
            yield landed
        for place, runs in self._runs.items():
            self._judge(place, runs)
        self._runs.clear()

    @property
    def fields(self) -> list[Field]:
        """What is to be remembered of fields."""
        return [field for fields in self._fields.values() for field in fields.values()]

    @property
    def endpoints(self) -> list[Capability]:
        """The endpoints that answered."""
        return list(self._endpoints.values())

    def _take(self, page: Page) -> None:
        state = _STATES.get(page.status)
        if state:
            self._learn(page, state)
        if page.status != OK:
            return
        for place, shape in fields_of(page.endpoint).shapes(page.endpoint, page.body).items():
            observed = Observed()
            observed.take(page.endpoint, {place: shape}, page.observed_at)
            for key, looks in observed.places.items():
                runs = self._runs.setdefault(key, [])
                _take(runs, _Run({_look(shape)}, looks))
                while len(runs) > 1 and runs[0].seen.last < looks.last - WHIM:
                    self._judge(key, [runs.pop(0)])

    def _learn(self, page: Page, state: State) -> None:
        before = self._learning.closed.get(page.endpoint), self._learning.knows(page.endpoint)
        self._learning.learn(page.endpoint, state, f"status {page.status}")
        after = self._learning.closed.get(page.endpoint), self._learning.knows(page.endpoint)
        if before != after:
            self.gates[page.endpoint] = Gate(
                endpoint=page.endpoint, state=state, reason=after[0] or "", at=page.fetched_at
            )

    def _judge(self, place: Place, runs: Sequence[_Run]) -> None:
        for run in runs:
            observed = Observed()
            observed.places[place] = run.seen
            self._judge_one(place, observed)

    def _judge_one(self, place: Place, observed: Observed) -> None:
        known = self._fields.setdefault(place, {})
        judged = judge(known.values(), observed, known_profile(self.gates.values()))
        known.update((field.field, field) for field in judged.fields)
        for one in judged.drift:
            key = (one.kind, one.endpoint, one.object, one.field)
            first = self.drift[key].first_seen_at if key in self.drift else one.first_seen_at
            self.drift[key] = msgspec.structs.replace(one, first_seen_at=first)
        for answered in answering(observed):
            before = self._endpoints.get(answered.endpoint, answered)
            self._endpoints[answered.endpoint] = msgspec.structs.replace(
                answered,
                first_seen_at=min(before.first_seen_at, answered.first_seen_at),
                last_seen_at=max(before.last_seen_at, answered.last_seen_at),
            )


class _Run(NamedTuple):
    """Answers in a row that look alike at a place, or whose looks take turns."""

    looks: set[Look]
    seen: Looks


def _take(runs: list[_Run], answer: _Run) -> None:
    """Add an answer to the run it looks like, with those that came in between; or begin a new one."""
    (look,) = answer.looks
    alike = [
        place
        for place, run in enumerate(runs)
        if look in run.looks and (run is runs[-1] or run.seen.last >= answer.seen.first - WHIM)
    ]
    runs.append(answer)
    if alike:
        first, *others = runs[alike[0] :]
        for other in others:
            first.looks.update(other.looks)
            _add(first.seen, other.seen)
        del runs[alike[0] + 1 :]


def _add(looks: Looks, other: Looks) -> None:
    looks.first, looks.last = min(looks.first, other.first), max(looks.last, other.last)
    looks.looked += other.looked
    for name, (count, form) in other.fields.items():
        before, last = looks.fields.get(name, (0, "null"))
        looks.fields[name] = (before + count, last if form == "null" else form)


def _look(shape: Shape) -> Look:
    return frozenset((name, form.partition(" ")[0].rstrip(",")) for name, form in shape.items())
