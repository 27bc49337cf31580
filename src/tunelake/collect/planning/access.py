"""What an application may call: by its kind, or by what was found out of this one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from tunelake.collect.capabilities import known_profile
from tunelake.collect.gates import Gates
from tunelake.collect.ports import Gate
from tunelake.sources.spotify.profiles import CLOSED, GATED, LARGEST_PAGE, Profile

THIS = "this application"


class Access(msgspec.Struct, frozen=True):
    """What a plan reckons with.

    Attributes:
        name: Whose access it is: of a profile, or of this application.
        closed: Endpoints that do not answer, each with the reason where it is known.
        page: The largest part of a list of releases.
    """

    name: str
    closed: dict[str, str]
    page: int


def of_profile(profile: Profile) -> Access:
    """What an application of a profile may call."""
    return Access(profile, dict.fromkeys(CLOSED[profile], ""), LARGEST_PAGE[profile])


def of_application(gates: Iterable[Gate], now: datetime) -> Access | None:
    """What an application may call by what its answers told; None while they told nothing.

    What is not known of it goes by its kind; so does what was found out so long ago that it is asked anew.
    """
    told = [gate for gate in gates if gate.endpoint in GATED]
    profile = known_profile(told)
    if profile is None:
        return None
    known = Gates(told, now)
    usual = {one: "" for one in CLOSED[profile] if not known.knows(one)}
    return Access(THIS, usual | known.closed, LARGEST_PAGE[profile])
