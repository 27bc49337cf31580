"""What a job costs, reckoned before it starts; how far discovery goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tunelake.collect.budget.quota import Spread
from tunelake.collect.gates import Gates
from tunelake.collect.jobs.discover import Bounds, led_by, most_often, read_bounds, step
from tunelake.collect.planning.access import of_application
from tunelake.collect.planning.plan import Pace, Plan, Survey, least_lists, paced, plan, plans
from tunelake.collect.ports import Gate
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.sources.spotify.profiles import Profile

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def calls(survey: Survey, profile: Profile) -> dict[str, int]:
    return {one.endpoint: one.calls for one in plan(survey, profile, Pace(), NOW).steps}


def test_names_cost_a_search_each() -> None:
    assert calls(Survey(searches=1000, strangers=1000), "extended") == {"search": 1000}


def test_known_lists_cost_their_pages() -> None:
    survey = Survey(artists=4, parts=frozenset({"albums"}), lists=(0, 10, 50, 51))
    assert calls(survey, "extended") == {"artist_albums": 5}
    assert calls(survey, "development") == {"artist_albums": 1 + 1 + 5 + 6}
    assert least_lists([0, 10, 50, 51], 50) == 5


def test_ids_go_in_batches_where_that_is_allowed() -> None:
    assert calls(Survey(by_id=101), "extended") == {"artists": 3}
    assert calls(Survey(by_id=101), "development") == {"artist": 101}
    assert calls(Survey(by_id=1), "extended") == {"artist": 1}


def test_what_a_profile_may_not_call_is_named_and_costs_nothing() -> None:
    survey = Survey(artists=5, parts=frozenset({"top-tracks", "features", "related"}), rankings=5,
                    instead=5, neighbours=5)  # fmt: skip
    told = plan(survey, "development", Pace(), NOW)
    assert told.closed == ["audio_features", "related_artists", "top_tracks"]
    assert calls(survey, "development") == {"search_tracks": 5}


def gate(endpoint: str, state: State, days: int = 1) -> Gate:
    reason = "" if state is State.FETCHED else "status 403: no"
    return Gate(endpoint=endpoint, state=state, reason=reason, at=NOW - timedelta(days=days))


def test_an_application_is_planned_for_by_what_is_known_of_it() -> None:
    assert of_application([], NOW) is None
    # One from between the two kinds: batches of artists answer, rankings and features do not.
    between = [
        gate("artists", State.FETCHED), gate("related_artists", State.FETCHED),
        gate("top_tracks", State.FORBIDDEN), gate("audio_features", State.NOT_FOUND),
    ]  # fmt: skip
    survey = Survey(by_id=101, artists=5, parts=frozenset({"top-tracks", "features", "related"}), rankings=5,
                    instead=5, neighbours=5)  # fmt: skip
    known = of_application(between, NOW)
    assert known
    told = plans(survey, Pace(), NOW, known)[-1]
    assert told.profile == "this application"
    assert told.closed == ["audio_features", "top_tracks"]
    assert known.closed["top_tracks"] == "status 403: no"
    assert {one.endpoint: one.calls for one in told.steps} == {
        "artists": 3, "related_artists": 5, "search_tracks": 5,
    }  # fmt: skip
    # Not known of it: as with others of its kind. Known too long ago: asked anew.
    assert "albums" in known.closed
    old = of_application(
        [gate("artists", State.FORBIDDEN, days=1), gate("related_artists", State.FETCHED, days=9)], NOW
    )
    assert old
    assert "related_artists" in old.closed
    assert (len(plans(survey, Pace(), NOW)), Gates(between, NOW + timedelta(days=9)).closed) == (2, {})


def test_strangers_are_expected_to_be_like_those_known() -> None:
    survey = Survey(searches=10, strangers=10, parts=frozenset({"albums"}), totals=(60, 140))
    told = plan(survey, "extended", Pace(), NOW)
    assert {one.endpoint: (one.calls, one.exact) for one in told.steps} == {
        "search": (10, True),
        "artist_albums": (25, False),
    }
    assert not told.exact


def end(told: Plan) -> timedelta:
    return told.ends_at - NOW


def test_time_follows_from_the_rate_and_the_days_that_a_quota_takes() -> None:
    survey = Survey(searches=1000)
    assert end(plan(survey, "extended", Pace(5.0), NOW)) == timedelta(seconds=200)
    assert end(plan(survey, "extended", Pace(5.0, 600), NOW)) == timedelta(days=1, seconds=120)
    spread = {"search": Spread(480 / 86_400), "": Spread(1.0), "each": Spread(1e-9)}
    assert end(plan(survey, "extended", Pace(5.0, within=spread), NOW)) == timedelta(days=1000 / 480)
    assert end(plan(survey, "extended", Pace(5.0, within={"each": Spread(0.1, 10)}), NOW)) == timedelta(
        seconds=9_900
    )
    assert end(plan(survey, "extended", Pace(5.0, within={"": Spread(0.2)}), NOW)) == timedelta(seconds=5_000)
    assert end(plan(Survey(), "extended", Pace(5.0, 600), NOW)) == timedelta(0)


def test_a_given_rate_comes_before_the_learned_and_that_before_the_usual() -> None:
    assert paced(2.0, None, 9.0) == Pace(2.0)
    assert paced(None, 600, 9.0) == Pace(9.0, 600, learned=True)
    assert paced(None, None, None) == Pace()


def test_discovery_takes_of_each_in_turn_and_stops_at_the_bound() -> None:
    related = {"a": ["c", "b", "d"], "b": ["e", "a"]}
    assert step(["a", "b"], ["a", "b"], related, 100) == ["c", "e", "d"]
    assert step(["a", "b"], ["a", "b"], related, 4) == ["c", "e"]
    assert step(["a", "b"], ["a", "b"], related, 1) == []


def test_who_shares_most_releases_comes_first() -> None:
    groups = [["a", "b"], ["a", "c", "b"], ["b", "d"], ["a", "a", "c"], ["x", "y"]]
    assert most_often("a", groups) == ["b", "c"]
    assert most_often("nobody", groups) == []


def test_each_discovered_artist_is_led_to_by_the_first_that_has_it_near() -> None:
    near = {"a": ["c", "b"], "b": ["c", "e"]}
    assert led_by(["a", "b"], near, ["c", "e"]) == {"c": "a", "e": "b"}


def test_discovered_artists_cost_what_their_way_costs() -> None:
    survey = Survey(artists=2, neighbours=2, discovered=60, steps=1)
    assert calls(survey, "extended") == {"related_artists": 2}
    assert calls(survey, "development") == {}
    by_playlists = Survey(artists=2, discovered=60, steps=1, way="playlists")
    assert calls(by_playlists, "extended") == {"artists": 2}
    assert calls(by_playlists, "development") == {"artist": 60}
    assert not plan(by_playlists, "extended", Pace(), NOW).exact


@pytest.mark.parametrize("text", ["related", "related:0", "related:99", "friends:1", "related:x"])
def test_bounds_are_read_or_refused(text: str) -> None:
    assert read_bounds("related:2", 50) == Bounds(2, 50)
    assert read_bounds("playlists:1", 50) == Bounds(1, 50, "playlists")
    assert read_bounds("", 50).steps == 0
    with pytest.raises(ConfigError, match="related:STEPS"):
        read_bounds(text, 50)
