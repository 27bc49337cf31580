"""A home that an older version wrote: its data can be queried at once, an upgrade brings it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.lake.pages import make, read

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rows
from tunelake.errors import ConfigError
from tunelake.lake import home as homes
from tunelake.lake import upgrade
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.lake import Lake


def older(contract: Contract) -> Contract:
    """The contract of artists before: fewer people, another name for the country, no pictures yet."""
    columns = []
    for column in contract.columns:
        if column.name == "followers":
            columns.append(replace(column, type="int32"))
        elif column.name == "country":
            columns.append(replace(column, name="land"))
        elif column.name != "image_url":
            columns.append(column)
    return replace(contract, columns=tuple(columns))


def newer(contract: Contract) -> Contract:
    """The contract of today, which tells how the country was called."""
    columns = [
        replace(column, was="land") if column.name == "country" else column for column in contract.columns
    ]
    return replace(contract, columns=tuple(columns))


def read_either(page: Page) -> Rows:
    """Today's reader: old answers have the country, whatever the column was called."""
    rows = read(page)
    for columns in rows.tables.values():
        if "land" in columns:
            columns["country"] = columns.pop("land")
    return rows


def artist(at: int, key: str, **more: object) -> Page:
    return make(at, {"artists": [{"artist_id": key, "name": key, **more}]})


def land(lake: Lake, *pages: Page) -> None:
    for page in pages:
        lake.landing.append(page)
    lake.land()


@pytest.fixture
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a home whose artists were written by the older contract; the newer one holds."""
    today = load()["artists"]
    monkeypatch.setitem(load(), "artists", older(today))
    land(
        Lake(tmp_path / "home", reader=read),
        artist(1, "a", followers=7, land="KR"),
        artist(2, "b", followers=8),
    )
    monkeypatch.setitem(load(), "artists", newer(today))
    return Lake(tmp_path / "home", reader=read_either)


def rows(lake: Lake) -> list[tuple[Any, ...]]:
    shown = "SELECT artist_id, followers, country, image_url FROM artists ORDER BY artist_id"
    return [tuple(row.values()) for row in lake.sql(shown).read_all().to_pylist()]


def test_old_data_can_be_queried_before_any_upgrade(old_home: Lake) -> None:
    assert rows(old_home) == [("a", 7, "KR", None), ("b", 8, None, None)]
    history = old_home.sql("SELECT country FROM artists_history ORDER BY artist_id").read_all()
    assert history.column("country").to_pylist() == ["KR", None]


def test_landing_says_what_to_do_and_loses_nothing(old_home: Lake) -> None:
    old_home.landing.append(artist(3, "a", followers=2**40, country="JP", image_url="x"))
    with pytest.raises(ConfigError, match=r"followers\): run `tunelake upgrade`"):
        old_home.land()
    told = old_home.upgrade(1, check=True)
    (table,) = told.tables
    assert (table.added, table.changed, table.gone) == (("country", "image_url"), ("followers",), ("land",))
    assert old_home.upgrade(1, check=True) == told
    assert old_home.upgrade(1) == told
    assert not old_home.upgrade(1, check=True).needed
    old_home.land()
    assert rows(old_home) == [("a", 2**40, "JP", "x"), ("b", 8, None, None)]
    assert old_home.replay(check=True).differing == []


def test_a_table_that_only_gets_columns_needs_no_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = load()["artists"]
    fewer = replace(today, columns=tuple(one for one in today.columns if one.name != "image_url"))
    monkeypatch.setitem(load(), "artists", fewer)
    lake = Lake(tmp_path / "home", reader=read)
    land(lake, artist(1, "a"))
    monkeypatch.setitem(load(), "artists", today)
    land(lake, artist(2, "b", image_url="x"))
    assert [row[3] for row in rows(lake)] == [None, "x"]
    # What was read before the column was there says nothing about it.
    land(lake, artist(3, "a", country="KR"))
    assert rows(lake)[0] == ("a", None, "KR", None)


def test_a_home_of_an_older_format_is_brought_up_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "home"
    Lake(root)
    done: list[int] = []

    def failing(_: Path) -> None:
        raise ConfigError("no room")

    monkeypatch.setattr(homes, "FORMAT", 3)
    monkeypatch.setattr(upgrade, "STEPS", {1: lambda _: done.append(1), 2: failing})
    with pytest.raises(ConfigError, match="format 1, an older one: run `tunelake upgrade`"):
        Lake(root)
    assert (upgrade.upgrade_format(root, check=True), done) == (1, [])
    with pytest.raises(ConfigError, match="no room"):
        upgrade.upgrade_format(root)
    # The step that was done is noted, and not done again.
    monkeypatch.setattr(upgrade, "STEPS", {1: failing, 2: lambda _: done.append(2)})
    assert upgrade.upgrade_format(root) == 2
    assert done == [1, 2]
    Lake(root)


def test_what_is_no_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no home of Tunelake"):
        upgrade.upgrade_format(tmp_path)
