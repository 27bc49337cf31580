"""The bundle for Superset: whole, always the same, without a password. Superset itself: `make test-bi`."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import yaml

from tunelake.errors import ConfigError
from tunelake.publish.bi.board import CHOOSERS, ROWS, VIEWS
from tunelake.publish.bi.superset import address, bundle
from tunelake.publish.schema import TABLES

URL = "postgresql://owner:s3cret@db.example.org:5433/music?sslmode=require"


def files(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: yaml.safe_load(file.read(name)) for name in file.namelist()}


def test_all_that_a_part_refers_to_is_there_and_what_it_shows_exists() -> None:
    told = files(bundle(address(URL, "analyst")))
    uuids = [document["uuid"] for document in told.values() if "uuid" in document]
    assert len(uuids) == len(set(uuids)) == len(told) - 1
    columns = {
        document["uuid"]: {column["column_name"] for column in document["columns"]}
        for name, document in told.items()
        if "/datasets/" in name
    }
    assert len(columns) == len(TABLES) + len(VIEWS)
    charts = {document["uuid"]: document for name, document in told.items() if "/charts/" in name}
    for chart in charts.values():
        params = chart["params"]
        shown = [params.get(one) for one in ("x_axis", "column", "source", "target")]
        assert {*filter(None, shown), *params.get("all_columns", [])} <= columns[chart["dataset_uuid"]]
    (board,) = (document for name, document in told.items() if "/dashboards/" in name)
    placed = [one["meta"]["uuid"] for key, one in board["position"].items() if key.startswith("CHART-")]
    assert sorted(placed) == sorted(charts)
    for chooser in board["metadata"]["native_filter_configuration"]:
        (target,) = chooser["targets"]
        assert target["column"]["name"] in columns[target["datasetUuid"]]
    assert len(charts) == sum(map(len, ROWS))
    assert CHOOSERS


def test_every_row_of_the_dashboard_has_twelve_columns() -> None:
    assert [sum(chart.width for chart in row) for row in ROWS] == [12] * len(ROWS)


def test_the_same_bundle_each_time_and_no_password_in_it() -> None:
    content = bundle(address(URL, "analyst"))
    assert content == bundle(address(URL, "analyst"))
    (database,) = (one for name, one in files(content).items() if "/databases/" in name)
    assert database["sqlalchemy_uri"] == "postgresql://analyst:XXXXXXXXXX@db.example.org:5433/music"
    assert "s3cret" not in str(files(content))


def test_the_database_as_superset_sees_it() -> None:
    assert address(URL, "analyst", "db:5432/x") == "postgresql://analyst:XXXXXXXXXX@db:5432/x"
    assert address("mariadb://u@h/x", "analyst").startswith("mysql://analyst:")


@pytest.mark.parametrize(("url", "place"), [("", ""), ("sqlite:x.db", ""), (URL, "db:5432")])
def test_a_database_that_superset_cannot_read_is_told(url: str, place: str) -> None:
    with pytest.raises(ConfigError, match=r"TUNELAKE_CATALOGUE_URL|names no database"):
        address(url, "analyst", place)
