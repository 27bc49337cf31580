"""What landed answers tell of an application, in their order: what it may call, which fields drifted. Pure.

Answers that look alike at a place are judged together, each new look by itself: so a change is dated by the
first answer that showed it, however many landed at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tunelake.collect.capabilities import answering, known_profile
from tunelake.collect.decide import OK
from tunelake.collect.drift import Field, judge
from tunelake.collect.gates import Gates
from tunelake.collect.known import SERVER
from tunelake.collect.ledger.ledger_view import Capability
from tunelake.collect.ports import Gate, Landed
from tunelake.domain.fields import Drift, Observed
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.sources.spotify.drift import shapes

Place = tuple[str, str]
_STATES = {OK: State.FETCHED, 403: State.FORBIDDEN, 410: State.GONE, 404: State.NOT_FOUND}


class AnsweredFields:
    """Reads pages of one server of the Spotify Web API, in the order they landed.

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
        self._alike: dict[Place, tuple[frozenset[tuple[str, str]], Observed]] = {}

    def passing(self, pages: Iterable[Landed]) -> Iterator[Landed]:
        """Hand pages on, each read on its way; after the last, everything is judged."""
        for landed in pages:
            if landed.page.headers.get(SERVER) == self._server:
                self._take(landed.page)
            yield landed
        for place in list(self._alike):
            self._judge(place)

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
        for place, shape in shapes(page.endpoint, page.body).items():
            key = (page.endpoint, place)
            look = frozenset((name, _type(form)) for name, form in shape.items())
            if key in self._alike and self._alike[key][0] != look:
                self._judge(key)
            _, observed = self._alike.setdefault(key, (look, Observed()))
            observed.take(page.endpoint, {place: shape}, page.observed_at)

    def _learn(self, page: Page, state: State) -> None:
        before = self._learning.closed.get(page.endpoint), self._learning.knows(page.endpoint)
        self._learning.learn(page.endpoint, state, f"status {page.status}")
        after = self._learning.closed.get(page.endpoint), self._learning.knows(page.endpoint)
        if before != after:
            self.gates[page.endpoint] = Gate(
                endpoint=page.endpoint, state=state, reason=after[0] or "", at=page.fetched_at
            )

    def _judge(self, place: Place) -> None:
        _, observed = self._alike.pop(place)
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


def _type(form: str) -> str:
    return form.partition(" ")[0].rstrip(",")
