"""What contracts promise is tested, and a broken promise is found and named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import jsonschema
import pytest
from tests.unit.lake.pages import START, make

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.lake.contracts.odcs import document
from tunelake.lake.lake import Lake
from tunelake.lake.tables.checks import Finding

NOW = START + timedelta(days=1)


def land(lake: Lake, rows: dict[str, list[dict[str, Any]]]) -> None:
    lake.landing.append(make(0, rows))
    lake.land()


def broken(lake: Lake, table: str, now: datetime = NOW) -> list[Finding]:
    return [found for found in lake.check([table], now) if found.offences]


def test_what_holds_is_not_told(lake: Lake) -> None:
    land(lake, {"artists": [{"artist_id": "a", "name": "One"}]})
    assert not [found for table in load() for found in broken(lake, table)]


def test_a_row_without_its_owner_fails(lake: Lake) -> None:
    land(lake, {"artist_genres": [{"artist_id": "a", "genre": "pop", "position": 0}]})
    (found,) = broken(lake, "artist_genres")
    assert found.fails
    assert "1 rows lack their artist in table artists" in str(found)
    assert "artist_id=a" in str(found)


def test_years_in_the_wrong_order_are_a_warning(lake: Lake) -> None:
    land(lake, {"artists": [{"artist_id": "a", "active_from": 2001, "active_to": 1999}]})
    (found,) = broken(lake, "artists")
    assert not found.fails
    assert found.check.kind == "years in order"


def test_old_news_are_told(lake: Lake) -> None:
    land(lake, {"artists": [{"artist_id": "a", "name": "One"}]})
    days = load()["artists"].fresh_days
    assert days
    assert not broken(lake, "artists", START + timedelta(days=days))
    (found,) = broken(lake, "artists", START + timedelta(days=days + 1))
    assert found.check.kind == "fresh"


def test_an_unknown_table_is_told(lake: Lake) -> None:
    with pytest.raises(ConfigError, match="there is no table 'artist'"):
        lake.check(["artist"], datetime.now(UTC))


def test_every_contract_is_a_document_of_the_standard() -> None:
    schema = json.loads((resources.files("open_data_contract_standard") / "schema.json").read_text())
    written = document(load().values())
    jsonschema.validate(written, schema)
    assert [table["name"] for table in written["schema"]] == list(load())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"kind": 3}, schema)
