"""What a job will cost before anything is sent: calls by endpoint, time and end, under each profile. Pure.

A figure is exact where all it rests on is known; else it is expected, from what other artists have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil, inf

import msgspec

from tunelake.collect.budget.quota import Spread
from tunelake.collect.jobs.discover import Way
from tunelake.collect.planning.access import Access, of_profile
from tunelake.sources.spotify.endpoints import MAX_IDS, upstream
from tunelake.sources.spotify.profiles import PROFILES, Profile

ALBUMS_EACH = 12.0
"""Releases an artist is expected to have while nothing is known."""
TRACKS_EACH = 9.0
"""Tracks a release is expected to have while nothing is known."""
TOP_TRACKS = 10
RELATED = 20
RATE = 5.0
"""Calls a second that are expected while nobody says otherwise."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a job before it starts; what is fresh is not in it.

    Attributes:
        searches: Names to search for.
        by_id: Artists to fetch by id.
        artists: Artists the job is about that are known already.
        strangers: Artists it is about that are not known yet.
        parts: Parts of the job beside the artists.
        lists: Totals of known artists' lists of releases that are to be read, as far as last told.
        new_lists: Known artists whose list was never read.
        albums: Known releases to fetch with their tracks.
        rankings: Rankings to fetch of known artists, all markets together.
        markets: How many markets.
        instead: Known artists whose tracks are to be searched for where rankings are closed.
        neighbours: Known artists whose related artists are to be fetched.
        features: Known tracks whose features are to be fetched.
        tracks: Tracks to fetch by id.
        playlists: Totals of playlists to read; None for one that was never read.
        polls: How often to ask what somebody played lately.
        discovered: Artists that discovery adds at most.
        steps: How many steps it takes.
        way: What it goes by.
        totals: Totals of all lists of releases ever read, to expect the others by.
        tracks_each: Tracks of a release, from those read.
    """

    searches: int = 0
    by_id: int = 0
    artists: int = 0
    strangers: int = 0
    parts: frozenset[str] = frozenset()
    lists: tuple[int, ...] = ()
    new_lists: int = 0
    albums: int = 0
    rankings: int = 0
    markets: int = 1
    instead: int = 0
    neighbours: int = 0
    features: int = 0
    tracks: int = 0
    playlists: tuple[int | None, ...] = ()
    polls: int = 0
    discovered: int = 0
    steps: int = 0
    way: Way = "related"
    totals: tuple[int, ...] = ()
    tracks_each: float = TRACKS_EACH


class Pace(msgspec.Struct, frozen=True):
    """How fast calls may go: a second in all, and a day for one endpoint (None: no such bound is known).

    Attributes:
        learned: The rate is what earlier answers of the source taught.
        within: What quotas leave to a job, by endpoint; "" is all together, "each" any other.
    """

    per_second: float = RATE
    per_day: int | None = None
    learned: bool = False
    within: dict[str, Spread] = {}


def paced(rate: float | None, per_day: int | None, learned: float | None) -> Pace:
    """Reckon with the rate that somebody gives, else with what was learned, else with what is usual."""
    if rate is None and learned:
        return Pace(learned, per_day, learned=True)
    return Pace(rate or RATE, per_day)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Calls to one endpoint; `exact` unless they are only expected."""

    endpoint: str
    calls: int
    exact: bool


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a job costs under a profile.

    Attributes:
        profile: The kind of application, or "this application"; for an open source its name.
        closed: Endpoints that the job would use and that do not answer.
        seconds: Expected time from start to end, waits for a new day included.
        ends_at: When that is.
    """

    profile: str
    steps: list[Step]
    calls: int
    exact: bool
    closed: list[str]
    seconds: float
    ends_at: datetime


def plans(survey: Survey, pace: Pace, now: datetime, application: Access | None = None) -> list[Plan]:
    """Plan a job under each profile, and for an application of which something is known."""
    accesses = [of_profile(profile) for profile in PROFILES] + ([application] if application else [])
    return [planned(survey, access, pace, now) for access in accesses]


def plan(survey: Survey, profile: Profile, pace: Pace, now: datetime) -> Plan:
    """Plan a job under one profile."""
    return planned(survey, of_profile(profile), pace, now)


def planned(survey: Survey, access: Access, pace: Pace, now: datetime) -> Plan:
    """Plan a job for who has some access."""
    asked = {step.endpoint: step for step in _steps(survey, access) if step.calls}
    closed = sorted(asked.keys() & access.closed.keys())
    steps = [step for name, step in asked.items() if name not in access.closed]
    calls = sum(step.calls for step in steps)
    seconds = _seconds(steps, calls, pace)
    return Plan(
        profile=access.name,
        steps=steps,
        calls=calls,
        exact=all(step.exact for step in steps),
        closed=closed,
        seconds=seconds,
        ends_at=now + timedelta(seconds=seconds),
    )


def _steps(survey: Survey, access: Access) -> Iterable[Step]:
    by_related = survey.way == "related"
    discovered = 0 if by_related and "related_artists" in access.closed else survey.discovered
    guests = survey.strangers + discovered
    known = not guests
    yield Step(endpoint="search", calls=survey.searches, exact=True)
    # Related artists come whole; of others only their ids are known.
    single = by_ids("artists", "artist", survey.by_id + (0 if by_related else discovered), access)
    yield msgspec.structs.replace(single, exact=by_related or not discovered)
    neighbours = survey.neighbours + (guests if "related" in survey.parts else 0)
    if survey.steps and by_related:
        later = discovered if survey.steps > 1 else 0
        neighbours = max(neighbours, survey.neighbours + survey.strangers + later)
    yield Step(endpoint="related_artists", calls=neighbours, exact=known)
    albums, tracks = 0.0, float(survey.features)
    if survey.parts & {"albums", "tracks"}:
        page = access.page
        new = guests + survey.new_lists
        told = least_lists(survey.lists, page)
        parts = _mean([least_lists([total], page) for total in survey.totals], max(1.0, ALBUMS_EACH / page))
        yield Step(endpoint="artist_albums", calls=told + ceil(new * parts), exact=not new)
        albums = survey.albums + new * _mean(survey.totals, ALBUMS_EACH)
        if "tracks" in survey.parts:
            whole = by_ids("albums", "album", ceil(albums), access)
            yield msgspec.structs.replace(whole, exact=not new and not survey.lists)
            tracks += albums * survey.tracks_each
    ranked = bool(survey.parts & {"top-tracks", "features"})
    rankings = survey.rankings + guests * survey.markets if ranked else 0
    yield Step(endpoint="top_tracks", calls=rankings, exact=known)
    if ranked and "top_tracks" in access.closed and "tracks" not in survey.parts:
        yield Step(endpoint="search_tracks", calls=survey.instead + guests, exact=known)
    if "features" in survey.parts:
        tracks += rankings * TOP_TRACKS
        calls = ceil(tracks / MAX_IDS["audio_features"])
        yield Step(endpoint="audio_features", calls=calls, exact=tracks == survey.features)
    yield by_ids("tracks", "track", survey.tracks, access)
    yield Step(endpoint="my_recent_plays", calls=survey.polls, exact=True)
    if survey.playlists:
        told_of = [total for total in survey.playlists if total is not None]
        rest = sum(ceil(max(0, total - 100) / 50) for total in told_of)
        yield Step(endpoint="playlist", calls=len(survey.playlists), exact=True)
        yield Step(endpoint="playlist_items", calls=rest, exact=len(told_of) == len(survey.playlists))


def by_ids(many: str, one: str, count: int, access: Access) -> Step:
    """Calls for things by id: in batches where that is allowed."""
    if many in access.closed or count == 1:
        return Step(endpoint=one, calls=count, exact=True)
    return Step(endpoint=many, calls=ceil(count / MAX_IDS[many]), exact=True)


def least_lists(totals: Iterable[int], page: int) -> int:
    """The fewest calls that read lists of these lengths; an empty list takes one too."""
    return sum(max(1, ceil(total / page)) for total in totals)


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _seconds(steps: Sequence[Step], calls: int, pace: Pace) -> float:
    most = max((step.calls for step in steps), default=0)
    days = max(0, ceil(most / pace.per_day) - 1) if pace.per_day else 0
    # What is left for the last day is done at the pace of a second.
    last = calls if not days else sum(min(step.calls, pace.per_day or step.calls) for step in steps)
    return max(days * 86_400.0 + last / pace.per_second, _spread(steps, calls, pace.within))


def _spread(steps: Sequence[Step], calls: int, within: Mapping[str, Spread]) -> float:
    """Seconds over which quotas spread the calls."""
    asked: Counter[str] = Counter()
    for step in steps:
        asked[upstream(step.endpoint)] += step.calls
    free = Spread(inf)
    each = within.get("each", free)
    took = [within.get(endpoint, each).seconds(count) for endpoint, count in asked.items()]
    return max([*took, within.get("", free).seconds(calls)])
