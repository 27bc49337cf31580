"""What is not as expected about fields, each kind with its name, and what is no drift at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tunelake.collect.drift import Field, Judged, judge
from tunelake.collect.known import SERVER
from tunelake.collect.recovery.answered_fields import AnsweredFields
from tunelake.domain.fields import Observed
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.sources.shapes import form
from tunelake.sources.spotify.fields import INSIDE, KNOWN, promised
from tunelake.sources.spotify.profiles import Profile

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ARTIST = {
    "id": "0" * 22, "name": "A", "type": "artist", "uri": "u", "href": "h", "external_urls": {},
    "followers": {"total": 5}, "popularity": 7, "genres": ["x"], "images": [{}],
}  # fmt: skip


def seen(
    known: list[Field], *artists: dict[str, object], day: int, profile: Profile | None = "extended"
) -> Judged:
    observed = Observed()
    for one in artists:
        observed.take(
            "artists", {"artist": {name: form(value) for name, value in one.items()}}, T0 + day * DAY
        )
    return judge(known, observed, profile)


DAY = timedelta(days=1)


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in ARTIST.items() if name not in names}


def told(judged: Judged) -> list[tuple[str, str]]:
    return [(one.kind, one.field) for one in judged.drift]


def test_what_is_as_promised_is_no_drift() -> None:
    first = seen([], ARTIST, ARTIST, day=0)
    assert first.drift == []
    assert seen(first.fields, ARTIST, day=1).drift == []


def test_a_field_that_goes_is_removed_and_says_when_it_was_last_seen() -> None:
    first = seen([], ARTIST, day=0)
    (gone,) = seen(first.fields, without("followers"), day=3).drift
    assert (gone.kind, gone.object, gone.field, gone.endpoint) == (
        "removed",
        "artist",
        "followers",
        "artists",
    )
    assert gone.first_seen_at == T0 + 3 * DAY
    assert "last seen 2026-01-01" in gone.detail


def test_it_stays_removed_until_it_comes_again() -> None:
    fields = seen([], ARTIST, day=0).fields
    for day in (1, 2):
        judged = seen(fields, without("popularity"), day=day)
        fields = judged.fields
        assert told(judged) == [("removed", "popularity")]
    back = seen(fields, ARTIST, day=3)
    assert back.drift == []
    assert all(one.absent_since is None for one in back.fields if one.field == "popularity")


def test_a_field_that_nobody_tables_is_missed_too_where_it_was_always_there() -> None:
    first = seen([], ARTIST, day=0)
    assert told(seen(first.fields, without("href"), day=1)) == [("removed", "href")]


def test_a_field_that_was_there_at_times_is_not_missed() -> None:
    first = seen([], ARTIST, without("uri"), day=0)
    assert told(seen(first.fields, without("uri"), day=1)) == []


def test_what_is_promised_and_never_came_is_missed_at_once() -> None:
    (gone,) = seen([], without("popularity"), day=0).drift
    assert (gone.kind, gone.field) == ("removed", "popularity")
    assert "promised" in gone.detail


@pytest.mark.parametrize("profile", ["development", None])
def test_what_a_kind_of_application_is_not_given_is_no_drift_but_is_remembered(
    profile: Profile | None,
) -> None:
    judged = seen([], without("popularity", "followers", "genres"), day=0, profile=profile)
    assert judged.drift == []
    assert {one.field for one in judged.fields if one.absent_since} == {"popularity", "followers", "genres"}


def test_a_new_field_is_added_with_its_form() -> None:
    (new,) = seen([], ARTIST | {"mood": "blue"}, day=0).drift
    assert (new.kind, new.field, new.detail) == ("added", "mood", "text")


def test_one_that_went_and_one_like_it_that_came_are_a_rename() -> None:
    first = seen([], ARTIST, day=0)
    judged = seen(first.fields, without("popularity") | {"score": 8, "mood": "blue"}, day=1)
    assert told(judged) == [("renamed", "popularity"), ("added", "mood")]
    assert "'score'" in judged.drift[0].detail
    again = seen(judged.fields, without("popularity") | {"score": 9, "mood": "red"}, day=2)
    assert told(again) == told(judged)


def test_one_that_came_before_the_other_went_is_no_rename() -> None:
    first = seen([], ARTIST | {"score": 8}, day=0)
    assert told(seen(first.fields, without("popularity") | {"score": 8}, day=1)) == [
        ("removed", "popularity"), ("added", "score"),
    ]  # fmt: skip


def test_a_value_of_another_type_is_retyped_and_null_is_of_every_type() -> None:
    first = seen([], ARTIST, day=0)
    (other,) = seen(first.fields, ARTIST | {"popularity": "7", "images": None}, day=1).drift
    assert (other.kind, other.field, other.detail) == ("retyped", "popularity", "was number, is text")


def test_every_promise_is_of_a_field_that_is_known() -> None:
    for endpoint, kind in (
        ("albums", "album"),
        ("tracks", "track"),
        ("artists", "artist"),
        ("search", "artist"),
    ):
        assert promised(endpoint, kind, "extended") <= KNOWN[kind].keys()
        assert promised(endpoint, kind, "development") < promised(endpoint, kind, "extended")
    assert all(field in KNOWN[kind] for kind, inside in INSIDE.items() for field in inside)


class Kept(msgspec.Struct, frozen=True):
    """A page as a landing log hands it out."""

    page: Page


def kept(day: float, artist: dict[str, object] | None, status: int = 200, server: str = "here") -> Kept:
    body = msgspec.json.encode({"artists": [artist]} if artist else {})
    return Kept(
        Page(
            page_id="p" * 32, source="spotify", rights="spotify", endpoint="artists", path="/artists",
            params=(), status=status, fetched_at=T0 + day * DAY, headers={SERVER: server}, body=body,
        )
    )  # fmt: skip


def test_landed_answers_tell_drift_again_dated_by_the_first_that_showed_it() -> None:
    fields = AnsweredFields("here")
    other = ARTIST | {"mood": "x"}
    landed = [
        kept(0, ARTIST), kept(1, ARTIST), kept(2, without("followers")), kept(3, ARTIST), kept(4, other),
        kept(5, {**other, "popularity": "7"}), kept(6, without("href"), server="elsewhere"),
    ]  # fmt: skip
    assert list(fields.passing(landed)) == landed
    assert {
        (one.kind, one.field): (one.first_seen_at, one.last_seen_at) for one in fields.drift.values()
    } == {
        ("removed", "followers"): (T0 + 2 * DAY, T0 + 2 * DAY),
        ("added", "mood"): (T0 + 4 * DAY, T0 + 5 * DAY),
        ("retyped", "popularity"): (T0 + 5 * DAY, T0 + 5 * DAY),
    }
    assert fields.gates["artists"].state is State.FETCHED
    assert [(one.endpoint, one.first_seen_at, one.last_seen_at) for one in fields.endpoints] == [
        ("artists", T0, T0 + 5 * DAY)
    ]
    # Looks that take turns, a minute apart: what comes and goes is neither gone nor new.
    whims = AnsweredFields("here")
    turns = [kept(minute / 1440, ARTIST if minute % 3 else without("href")) for minute in range(40)]
    assert list(whims.passing(turns)) == turns
    assert whims.drift == {}
    closed = AnsweredFields("here")
    assert list(closed.passing([kept(0, None, 403)]))
    assert (closed.gates["artists"].state, closed.drift) == (State.FORBIDDEN, {})


def test_of_many_answers_only_some_are_looked_at() -> None:
    observed = Observed()
    looked = [at for at in range(200) if observed.wants("tracks")]
    assert looked[:64] == list(range(64))
    assert len(looked) == 64 + 17
    assert observed.wants("albums")


def in_one_landing(*artists: dict[str, object]) -> Judged:
    """Answers of days in a row that land together."""
    observed = Observed()
    for day, one in enumerate(artists):
        shape = {name: form(value) for name, value in one.items()}
        observed.take("artists", {"artist": shape}, T0 + day * DAY)
    return judge([], observed, "extended")


@pytest.mark.parametrize(
    ("later", "told_of"),
    [
        (without("href"), ("removed", "href")),
        (without("followers"), ("removed", "followers")),
        (without("popularity") | {"score": 9}, ("renamed", "popularity")),
        (ARTIST | {"popularity": "7"}, ("retyped", "popularity")),
        (ARTIST | {"mood": "x"}, ("added", "mood")),
    ],
)
def test_a_change_amid_one_landing_is_told_from_its_first_day(
    later: dict[str, object], told_of: tuple[str, str]
) -> None:
    judged = in_one_landing(*[ARTIST] * 20, *[later] * 12)
    assert told(judged) == [told_of]
    assert (judged.drift[0].first_seen_at, judged.drift[0].last_seen_at) == (T0 + 20 * DAY, T0 + 31 * DAY)
    assert told(seen(judged.fields, later, day=40)) == [told_of], "it stays so"


def test_what_comes_and_goes_amid_one_landing_is_no_drift() -> None:
    assert in_one_landing(*[ARTIST, without("href")] * 12, *[without("href")] * 12).drift == []
    assert in_one_landing(*[ARTIST] * 20, *[without("href")] * 3).drift == [], "three may be chance"
