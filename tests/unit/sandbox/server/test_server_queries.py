from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.sandbox.catalogue import Query
from tunelake.sandbox.server.queries import parse_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("방탄소년단", Query(text="방탄소년단")),
        ("AC/DC", Query(text="AC/DC")),
        ("!!!", Query(text="!!!")),
        ('track:"Song 2" artist:Blur', Query(track="Song 2", artist="Blur")),
        (
            "remaster track:Doxy artist:Miles Davis",
            Query(text="remaster", track="Doxy", artist="Miles Davis"),
        ),
        ("year:1999", Query(year_from=1999, year_to=1999)),
        ("abba year:1974-1982 gold", Query(text="abba gold", year_from=1974, year_to=1982)),
        ('genre:"dream pop" harbour', Query(text="harbour", genre="dream pop")),
        ("isrc:QZ0012600001 x", Query(text="x", isrc="QZ0012600001")),
        ("upc:012345678905", Query(upc="012345678905")),
        ('ARTIST:"The The"', Query(artist="The The")),
        ('artist:"never closed', Query(artist="never closed")),
        ('artist:"year: 1999" album:x', Query(artist="year: 1999", album="x")),
        ("year:soon", Query()),
        ("artist:", Query()),
        ("isrc:", Query()),
        ("Mission: Impossible", Query(text="Mission: Impossible")),
    ],
)
def test_filters(text: str, query: Query) -> None:
    assert parse_query(text) == query


@given(st.text(alphabet='abc :"-1year artist isrc', max_size=60))
def test_any_text_is_some_query(text: str) -> None:
    query = parse_query(text)
    assert query.text == " ".join(query.text.split())
    assert (query.year_from is None) == (query.year_to is None)
