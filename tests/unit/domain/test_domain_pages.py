from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tunelake.domain.names import fold
from tunelake.domain.pages import Listing, Page, fingerprint, page_id

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGE = Page(
    page_id="p",
    source="spotify",
    rights="spotify",
    endpoint="artist_albums",
    path="/artists/x/albums",
    params=(("limit", "50"), ("offset", "0")),
    status=200,
    fetched_at=NOW,
    headers={},
    body=b"{}",
)


def test_a_fingerprint_names_the_request_whatever_the_order_of_its_parameters() -> None:
    assert PAGE.fingerprint == fingerprint("spotify", PAGE.path, PAGE.params)
    assert fingerprint("s", "/a", (("b", "1"), ("c", "2"))) == fingerprint(
        "s", "/a", (("c", "2"), ("b", "1"))
    )
    others = [
        fingerprint("sandbox", PAGE.path, PAGE.params),
        fingerprint("spotify", "/artists/y/albums", PAGE.params),
        fingerprint("spotify", PAGE.path, PAGE.params[:1]),
        fingerprint("spotify", PAGE.path, (("limit", "5"), ("offset", "00"))),
    ]
    assert len({PAGE.fingerprint, *others}) == 5


def test_a_page_is_named_by_request_time_and_body() -> None:
    later = NOW + timedelta(microseconds=1)
    names = {
        page_id("a", NOW, b"1"),
        page_id("b", NOW, b"1"),
        page_id("a", later, b"1"),
        page_id("a", NOW, b"2"),
    }
    assert len(names) == 4
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)
    assert page_id("a", NOW, b"1") == page_id("a", NOW, b"1")


def test_a_page_of_a_list_was_so_when_the_list_began() -> None:
    begun = NOW - timedelta(minutes=3)
    listing = Listing(listing_id="l", started_at=begun, offset=0, total=None, whole=True)
    assert PAGE.observed_at == NOW
    assert msgspec.structs.replace(PAGE, listing=listing).observed_at == begun


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Guns N’ Roses", "guns n' roses"),
        ("  The   The ", "the the"),
        ("BJÖRK", "björk"),
        ("Björk", "Bjork"),
        ("\ufeffBTS", "bts"),
        ("ＡＥＳＰＡ", "aespa"),
        ("Simon & Garfunkel", "simon and garfunkel"),
    ],
)
def test_one_name_typed_differently_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("!!!", "???"), ("米津玄師", "米津"), ("が", "か"), ("10cc", "10"), ("P!nk", "Pink Floyd")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert fold(one)
