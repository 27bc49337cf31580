"""What is left of an answer when somebody goes: everything else, in the same place and of the same length."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tunelake.domain.pages import Page
from tunelake.lake.landing import records
from tunelake.lake.landing.redaction import cut
from tunelake.lake.subjects.bodies import without
from tunelake.lake.subjects.pages import rest
from tunelake.lake.subjects.subject import Subject

GONE, OTHER, SONG = "4tZwfgrHOc3mvqYlEYSvVi", "0du5cEVh5yTK9QJze8zA0C", "69kOkLUCkxIZYexIgSG8rq"
WHO = Subject(kind="artist", asked=GONE, ids={"artist": {"spotify": [GONE]}}, names=["Daft Punk"])


def page(body: object, path: str = "/tracks", **params: str) -> Page:
    return Page(
        page_id="p" * 32,
        source="spotify",
        rights="spotify",
        endpoint="tracks",
        path=path,
        params=tuple(params.items()),
        status=200,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        headers={},
        body=msgspec.json.encode(body),
    )


def left(body: object) -> Any:
    found = without(page(body), WHO)
    assert found is not None
    assert len(found) == len(msgspec.json.encode(body))
    return msgspec.json.decode(found)


def test_a_credit_goes_and_the_track_stays() -> None:
    track = {"id": SONG, "name": "Get Lucky (feat. Daft Punk)", "artists": [{"id": OTHER}, {"id": GONE}]}
    assert left({"tracks": [track]}) == {"tracks": [track | {"artists": [{"id": OTHER}]}]}


def test_texts_that_name_the_id_or_ask_for_the_name_become_null() -> None:
    body = {
        "href": f"https://api.example/v1/artists/{GONE}/albums",
        "next": "https://api.example/v1/search?q=Daft+Punk&offset=5",
        "artist_name": "Daft Punk",
        "title": "Daft Punk",
    }
    assert left(body) == {"href": None, "next": None, "artist_name": None, "title": "Daft Punk"}


def test_a_relation_goes_with_its_artist() -> None:
    body = {"relations": [{"type": "member", "artist": {"id": GONE}}, {"type": "x", "artist": {"id": OTHER}}]}
    assert left(body) == {"relations": [{"type": "x", "artist": {"id": OTHER}}]}


def test_a_place_in_a_playlist_stays() -> None:
    body = {"items": [{"added_at": "2026", "track": {"id": GONE}}]}
    assert left(body) == {"items": [{"added_at": "2026", "track": None}]}


def test_of_an_answer_about_the_artist_nothing_stays() -> None:
    assert without(page({"id": GONE, "name": "Daft Punk"}), WHO) is None
    assert rest(page({"items": []}, f"/artists/{GONE}/albums"), WHO) is None


def test_parameters_keep_their_length() -> None:
    found = rest(page({"artists": [{"id": GONE}, {"id": OTHER}]}, "/artists", ids=f"{GONE},{OTHER}"), WHO)
    assert found is not None
    assert dict(found.params) == {"ids": f"{'-' * 22},{OTHER}"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text() | st.sampled_from([GONE, OTHER]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("id"), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_whatever_it_is_the_id_is_gone_and_the_record_is_as_long(body: object) -> None:
    given_page = page(body)
    found = rest(given_page, WHO)
    if found is None:
        return
    assert GONE.encode() not in found.body
    record = records.encode(given_page)
    try:
        made = cut(record, found)
    except records.Broken:
        return  # then it is erased as a whole
    assert len(made) == len(record)
    meta, text = records.decode(made)
    assert text == found.body
    assert meta.page.page_id == given_page.page_id
