"""What an application may call and which fields it is given: found out from answers, and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from tunelake.collect.drift import Field, judge
from tunelake.collect.ledger.ledger_view import Capability
from tunelake.collect.ports import Gate
from tunelake.domain.fields import Drift, Observed
from tunelake.domain.states import State
from tunelake.sources.readers import fields_of
from tunelake.sources.spotify.profiles import TELLING, Profile, profile_of

if TYPE_CHECKING:
    from tunelake.collect.ledger.sql_ledger import SqlLedger
    from tunelake.collect.probe import Probed


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an application.

    Attributes:
        profile: The kind of application it is; None while nothing that tells was asked.
        endpoints: Which answer it and which do not.
        gates: What was found out of those that not every application may call.
        not_given: Fields that are expected at a place and were never in an answer to it.
    """

    profile: Profile | None
    endpoints: list[Capability]
    gates: list[Gate]
    not_given: list[Field]


def known_profile(gates: Iterable[Gate]) -> Profile | None:
    """The kind of application that fits what was found out; None while nothing that tells was asked."""
    told = {gate.endpoint: gate.state for gate in gates if gate.endpoint in TELLING}
    closed = {endpoint for endpoint, state in told.items() if state is not State.FETCHED}
    return profile_of(closed) if told else None


def recall(ledger: SqlLedger, client: str) -> Capabilities:
    """What is remembered of an application."""
    gates = ledger.gates(client)
    return Capabilities(
        profile=known_profile(gates),
        endpoints=ledger.capabilities(client),
        gates=gates,
        not_given=[one for one in ledger.fields(client) if one.first_seen_at is None],
    )


def remember(ledger: SqlLedger, client: str, observed: Observed) -> list[Drift]:
    """Remember what new answers tell of endpoints and fields; returns what is not as expected."""
    judged = judge(ledger.fields(client), observed, known_profile(ledger.gates(client)))
    ledger.put_fields(client, judged.fields)
    ledger.put_drift(client, judged.drift)
    ledger.put_capabilities(client, list(answering(observed)))
    return judged.drift


def remember_probed(ledger: SqlLedger, client: str, probed: Probed, at: datetime) -> list[Drift]:
    """Remember what a probe found out; returns what is not as expected."""
    for gate in probed.gates:
        ledger.put_gate(client, gate)
    observed = Observed()
    for endpoint, shapes in probed.shapes.items():
        observed.take(endpoint, shapes, at)
    return remember(ledger, client, observed)


def by_source(observed: Observed) -> dict[str, Observed]:
    """What answers had, by the source they are of, since each has a ledger of its own."""
    found: dict[str, Observed] = {}
    for (endpoint, place), looks in observed.places.items():
        of_source = found.setdefault(fields_of(endpoint).source, Observed())
        of_source.places[endpoint, place] = looks
    return found


def answering(observed: Observed) -> Iterable[Capability]:
    """The endpoints that answered, with the times of the first and the last of the new answers."""
    for endpoint in dict.fromkeys(endpoint for endpoint, _ in observed.places):
        looks = [one for (of, _), one in observed.places.items() if of == endpoint]
        yield Capability(
            endpoint=endpoint,
            verdict="allowed",
            first_seen_at=min(one.first for one in looks),
            last_seen_at=max(one.last for one in looks),
        )
