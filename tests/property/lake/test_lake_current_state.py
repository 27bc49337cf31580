"""The current state equals a plain model of the rules, whatever the order and the batches of landing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.lake.pages import make, read, reading

from tunelake.domain.pages import Page
from tunelake.lake.lake import Lake
from tunelake.lake.tables.duckdb_cache import DuckdbCache

Row = dict[str, Any]
_ABSENT = "absent"
_TABLES = ("artists", "artist_genres", "playlist_items")

_times = st.integers(0, 4)
_some = st.sampled_from([None, "x", "y"])


@st.composite
def _artist(draw: st.DrawFn) -> Row:
    row: Row = {"artist_id": draw(st.sampled_from("ab"))}
    for column in ("name", "country"):
        if (value := draw(st.one_of(st.just(_ABSENT), _some))) != _ABSENT:
            row[column] = value
    return row


@st.composite
def simple_page(draw: st.DrawFn) -> Page:
    genres = draw(
        st.dictionaries(st.sampled_from("ab"), st.lists(st.sampled_from("rst"), unique=True), max_size=2)
    )
    rows = [
        {"artist_id": artist, "genre": genre, "position": place}
        for artist, found in genres.items()
        for place, genre in enumerate(found)
    ]
    return make(
        draw(_times),
        {"artists": draw(st.lists(_artist(), max_size=3)), "artist_genres": rows},
        empty={"artist_genres": [[artist] for artist, found in genres.items() if not found]},
        nonce=draw(st.integers(0, 1 << 30)),
    )


@st.composite
def playlist_reading(draw: st.DrawFn) -> list[Page]:
    """A playlist read in pages: whole, with its last page lost, or empty."""
    start, count = draw(_times), draw(st.integers(0, 3))
    name = str(draw(st.integers(0, 1 << 30)))
    whole = draw(st.booleans())
    if not count:
        listing = reading(name, start, whole=whole)
        return [make(start, {}, empty={"playlist_items": [["p"]]}, listing=listing)] if whole else []
    pages = []
    for number in range(count):
        row = {"playlist_id": "p", "position": number, "track_id": draw(st.sampled_from("tuv"))}
        last = number == count - 1
        listing = reading(name, start, offset=number, whole=whole and last)
        pages.append(make(start + 0.1 * number, {"playlist_items": [row]}, listing=listing))
    return pages


def _model_rows(pages: Iterable[Page]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in sorted(pages, key=lambda page: (page.observed_at, page.page_id)):
        columns = read(page).tables.get("artists", {})
        for place, artist in enumerate(columns.get("artist_id", [])):
            known = found.setdefault(artist, {"name": None, "country": None})
            for column in known:
                value = columns[column][place] if column in columns else None
                if (column in columns and value is None) or isinstance(value, str):
                    known[column] = value
    return found


def _model_set(
    pages: Iterable[Page], table: str, owner: str, element: str, *, paged: bool
) -> set[tuple[Any, ...]]:
    units: dict[tuple[Any, ...], tuple[bool, dict[Any, Any]]] = {}
    value = {"artist_genres": "position", "playlist_items": "track_id"}[table]
    for page in pages:
        rows = read(page)
        columns = rows.tables.get(table, {})
        said: dict[str, dict[Any, Any]] = {who: {} for (who,) in rows.empty_sets.get(table, [])}
        for who, what, more in zip(*(columns.get(name, []) for name in (owner, element, value)), strict=True):
            said.setdefault(who, {})[what] = more
        for who, elements in said.items():
            unit = (who, page.observed_at, "" if paged else page.page_id)
            whole, before = units.get(unit, (False, {}))
            page_whole = not paged or page.listing is None or page.listing.whole
            units[unit] = (whole or page_whole, before | elements)
    result: dict[tuple[str, Any], Any] = {}
    for (who, *_), (whole, elements) in sorted(units.items(), key=lambda item: item[0]):
        if whole:
            result = {key: more for key, more in result.items() if key[0] != who}
        result |= {(who, what): more for what, more in elements.items()}
    return {(*key, more) for key, more in result.items()}


def _refreshed(cache: DuckdbCache) -> None:
    for table in _TABLES:
        cache.refresh(table)


def _rows(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))


def _current(lake: Lake, table: str, *columns: str) -> set[tuple[Any, ...]]:
    rows = [tuple(row[column] for column in columns) for row in lake.current(table).to_pylist()]
    assert len(rows) == len(set(rows))
    return set(rows)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_current_state_and_cache_are_the_model_in_any_order(data: st.DataObject) -> None:
    simple = data.draw(st.lists(simple_page(), max_size=5))
    readings = data.draw(
        st.lists(playlist_reading(), max_size=3, unique_by=lambda one: one[0].observed_at if one else None)
    )
    unique = {page.page_id: page for page in [*simple, *(page for one in readings for page in one)]}
    pages = data.draw(st.permutations(list(unique.values())))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home", reader=read)
        cache = lake.cache()
        for page in pages:
            lake.landing.append(page)
            if data.draw(st.booleans()):
                lake.land()
                if data.draw(st.booleans()):
                    _refreshed(cache)
        lake.land()
        rows = {(artist, *known.values()) for artist, known in _model_rows(pages).items()}
        assert _current(lake, "artists", "artist_id", "name", "country") == rows
        genres = _model_set(pages, "artist_genres", "artist_id", "genre", paged=False)
        assert _current(lake, "artist_genres", "artist_id", "genre", "position") == genres
        items = _model_set(pages, "playlist_items", "playlist_id", "position", paged=True)
        assert _current(lake, "playlist_items", "playlist_id", "position", "track_id") == items
        _refreshed(cache)
        for table in _TABLES:
            kept = cache.connection.sql(f"FROM {table}").to_arrow_table()
            assert _rows(kept) == _rows(lake.current(table))
        cache.close()
        before = {table: lake.history(table).num_rows for table in ("artists", "artist_genres")}
        again = lake.land()
        assert not again.pages
        assert before == {table: lake.history(table).num_rows for table in before}
