"""The tables can be made anew from the answers, and a table that is not what they say is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.lake.pages import make, read

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.errors import ConfigError
from tunelake.lake.lake import Lake
from tunelake.lake.landing.redact_files import redact


def artist(at: int, name: str, *genres: str, key: str = "a") -> Page:
    rows: dict[str, list[dict[str, Any]]] = {
        "artists": [{"artist_id": key, "name": name}],
        "artist_genres": [
            {"artist_id": key, "genre": genre, "position": place} for place, genre in enumerate(genres)
        ],
    }
    return make(at, rows)


def fill(lake: Lake) -> None:
    # The later answer is landed first, so the log holds a row that the order of time would not need.
    for page in (artist(3, "One", "r"), artist(1, "One", "r"), artist(2, "Two", "r", "s")):
        lake.landing.append(page)
        lake.land()


def test_tables_are_what_the_answers_say(lake: Lake) -> None:
    fill(lake)
    report = lake.replay(check=True)
    assert report.differing == []
    assert report.pages == 3
    assert report.share == 1.0
    assert set(report.tables) == {"artists", "artist_genres", "raw_pages"}
    assert not (lake.home.root / "replay").exists()


def test_a_table_that_differs_is_named_and_rebuilt(lake: Lake, tmp_path: Path) -> None:
    fill(lake)
    before = lake.current("artists").to_pylist()

    def read_better(page: Page) -> Rows:
        rows = read(page)
        rows.tables["artists"]["name"] = [name.upper() for name in rows.tables["artists"]["name"]]
        return rows

    better = Lake(tmp_path / "home", reader=read_better)
    checked = better.replay(check=True)
    assert checked.differing == ["artists"]
    assert checked.tables["artists"].missing
    assert "ONE" in checked.tables["artists"].example or "One" in checked.tables["artists"].example
    assert checked.written == ()
    assert better.current("artists").to_pylist() == before

    assert better.replay().written == ("artists",)
    assert [row["name"] for row in better.current("artists").to_pylist()] == ["ONE"]
    assert better.replay(check=True).differing == []
    assert better.land().pages == 0


def test_content_does_not_depend_on_the_order_of_landing(lake: Lake, tmp_path: Path) -> None:
    fill(lake)
    other = Lake(tmp_path / "other", reader=read)
    for page in (artist(1, "One", "r"), artist(2, "Two", "r", "s"), artist(3, "One", "r")):
        other.landing.append(page)
    other.land()
    ours, theirs = lake.replay(check=True).tables, other.replay(check=True).tables
    for table in ("artists", "artist_genres"):
        assert ours[table].content == theirs[table].content


def test_rows_whose_answer_is_gone_are_carried_over(lake: Lake) -> None:
    fill(lake)
    first = lake.sql('SELECT segment, "offset", length FROM raw_pages ORDER BY observed_at LIMIT 1')
    (place,) = first.read_all().to_pylist()
    redact(lake.home, [(place["segment"], place["offset"], place["length"])])
    before = sorted(map(str, lake.history("artists").to_pylist()))
    report = lake.replay()
    assert report.pages == 2
    assert report.share < 1
    assert report.differing == []
    assert sorted(map(str, lake.history("artists").to_pylist())) == before


def test_an_unknown_table_is_told(lake: Lake) -> None:
    with pytest.raises(ConfigError, match="there is no table 'artist'; there is"):
        lake.replay(["artist"])
