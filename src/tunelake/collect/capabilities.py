"""What an application may call and which fields it is given: found out from answers, and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tunelake.collect.drift import Field, judge
from tunelake.collect.ledger.ledger_view import Capability
from tunelake.collect.ports import Gate
from tunelake.domain.fields import Drift, Observed
from tunelake.domain.states import State
from tunelake.sources.spotify.profiles import GATED, Profile, profile_of

if TYPE_CHECKING:
    from tunelake.collect.ledger.sql_ledger import SqlLedger


def known_profile(gates: Iterable[Gate]) -> Profile | None:
    """The kind of application that fits what was found out; None while nothing that tells was asked."""
    told = {gate.endpoint: gate.state for gate in gates if gate.endpoint in GATED}
    closed = {endpoint for endpoint, state in told.items() if state is not State.FETCHED}
    return profile_of(closed) if told else None


def remember(ledger: SqlLedger, client: str, observed: Observed) -> list[Drift]:
    """Remember what new answers tell of endpoints and fields; returns what is not as expected."""
    judged = judge(ledger.fields(client), observed, known_profile(ledger.gates(client)))
    ledger.put_fields(client, judged.fields)
    ledger.put_drift(client, judged.drift)
    ledger.put_capabilities(client, list(_answering(observed)))
    return judged.drift


def not_given(fields: Iterable[Field]) -> list[Field]:
    """The fields that are expected of an endpoint and were never there for this application."""
    return [one for one in fields if one.first_seen_at is None]


def _answering(observed: Observed) -> Iterable[Capability]:
    """The endpoints that answered, with the times of the first and the last of the new answers."""
    for endpoint in dict.fromkeys(endpoint for endpoint, _ in observed.places):
        looks = [one for (of, _), one in observed.places.items() if of == endpoint]
        yield Capability(
            endpoint=endpoint,
            verdict="allowed",
            first_seen_at=min(one.first for one in looks),
            last_seen_at=max(one.last for one in looks),
        )
