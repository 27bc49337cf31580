"""What a job at an open source will cost: calls by endpoint, time and end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

import msgspec

from tunelake.collect.planning.plan import Plan, Step
from tunelake.sources.listenbrainz.endpoints import MAX_LISTENS, MAX_MBIDS
from tunelake.sources.musicbrainz.endpoints import PAGE

PER_SECOND = {"musicbrainz": 1.0, "listenbrainz": 3.0}
"""Calls a second: what MusicBrainz asks for, and what the windows of ListenBrainz amount to."""
EXPECTED = {"albums": 15.0, "releases": 40.0, "tracks": 150.0}
"""How long lists of an artist are expected to be while nothing is known."""
EXPECTED_LISTENS = 20_000.0
"""How many listens a user is expected to have of whom nothing is known."""
_DAY = timedelta(days=1)
_LISTS = {"albums": "mb_release_groups", "releases": "mb_releases", "tracks": "mb_recordings"}


class OpenSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a job before it starts; what is fresh is not in it.

    Attributes:
        searches: Names to search for at MusicBrainz.
        links: Ids at Spotify whose artist is to be found by a link.
        people: Artists to look up at MusicBrainz, of those whose MBID is known.
        strangers: Artists that are not known before a search or a link was answered.
        lists: By part ("albums", "releases", "tracks"), how long lists of known artists are that are to be
            read, as last told; None for one that was never read.
        totals: By part, how long lists were that were read before.
        listeners: Known artists whose listeners are to be counted.
        rankings: Known artists whose top recordings are to be fetched.
        neighbours: Known artists whose similar artists are to be fetched.
        listens: How many listens of a user are expected to be read; None where none are.
        discovered: Artists that discovery may add at most, beside those it is known to add.
        steps: How many steps it takes.
        parts: Parts of the job beside the artists.
    """

    searches: int = 0
    links: int = 0
    people: int = 0
    strangers: int = 0
    lists: Mapping[str, tuple[int | None, ...]] = {}
    totals: Mapping[str, tuple[int, ...]] = {}
    listeners: int = 0
    rankings: int = 0
    neighbours: int = 0
    listens: float | None = None
    discovered: int = 0
    steps: int = 0
    parts: frozenset[str] = frozenset()


def open_plan(survey: OpenSurvey, source: str, now: datetime) -> Plan:
    """Plan a job at an open source; names are found at MusicBrainz for all of them."""
    asked = _works(survey) if source == "musicbrainz" else _listeners(survey)
    steps = [step for step in (*_finding(survey, source), *asked) if step.calls]
    seconds = sum(step.calls / PER_SECOND[_server(step)] for step in steps)
    return Plan(
        profile=source,
        steps=steps,
        calls=sum(step.calls for step in steps),
        exact=all(step.exact for step in steps),
        closed=[],
        seconds=seconds,
        ends_at=now + timedelta(seconds=seconds),
    )


def _finding(survey: OpenSurvey, source: str) -> list[Step]:
    guests = survey.strangers + (survey.discovered if source == "musicbrainz" else 0)
    return [
        Step(endpoint="mb_search", calls=survey.searches, exact=True),
        Step(endpoint="mb_url", calls=survey.links, exact=True),
        Step(endpoint="mb_artist", calls=survey.people + guests, exact=not guests),
    ]


def _works(survey: OpenSurvey) -> list[Step]:
    steps = []
    for part, endpoint in _LISTS.items():
        if part in survey.parts:
            told = survey.lists.get(part, ())
            known = survey.totals.get(part, ())
            usual = _mean([_parts(total) for total in known]) if known else _parts(EXPECTED[part])
            new = told.count(None) + survey.strangers + survey.discovered
            calls = sum(_parts(total) for total in told if total is not None) + ceil(new * usual)
            steps.append(Step(endpoint=endpoint, calls=calls, exact=not new))
    return steps


def _listeners(survey: OpenSurvey) -> list[Step]:
    guests = survey.strangers + survey.discovered
    counts = ceil((survey.listeners + guests) / MAX_MBIDS)
    steps = [Step(endpoint="lb_artist_counts", calls=counts, exact=not guests)]
    if "top-tracks" in survey.parts:
        steps.append(Step(endpoint="lb_top_recordings", calls=survey.rankings + guests, exact=not guests))
    # Of the artists of the last step nobody asks who is near to them.
    asked = guests if "related" in survey.parts or survey.steps > 1 else survey.strangers
    if survey.listens is not None:
        # Each part begins with the last listens of the one before.
        parts = max(1, ceil(survey.listens / (MAX_LISTENS - 1)))
        steps.append(Step(endpoint="lb_listens", calls=parts, exact=False))
    if "related" in survey.parts or survey.steps:
        steps.append(Step(endpoint="lb_similar", calls=survey.neighbours + asked, exact=not guests))
    return steps


def expected_listens(known: int, over: timedelta, since: timedelta) -> float:
    """How many listens there are to read, going by those that are known.

    Args:
        known: How many are known.
        over: How long it took to hear them.
        since: How long ago what is read begins.
    """
    return known * (since / max(over, _DAY)) if known else EXPECTED_LISTENS


def _server(step: Step) -> str:
    return "musicbrainz" if step.endpoint.startswith("mb_") else "listenbrainz"


def _parts(total: float) -> int:
    return max(1, ceil(total / PAGE))


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)
