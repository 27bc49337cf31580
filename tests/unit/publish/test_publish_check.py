"""The check finds whatever a store does not hold as the marts say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tunelake.mart.run import run_marts
from tunelake.publish.check import CheckReport, check_published
from tunelake.publish.memory_store import MemoryCatalogue, MemoryDocuments, MemoryNames
from tunelake.publish.run import publish_all
from tunelake.similar.run import run_similar

MakeLake = Callable[..., Any]
ROWS: dict[str, list[dict[str, Any]]] = {
    "artists": [{"artist_id": one, "name": name} for one, name in (("A", "Alpha"), ("B", "Beta"))],
    "artist_genres": [{"artist_id": one, "genre": "pop", "position": 0} for one in "AB"],
}


class Published:
    def __init__(self, make_lake: MakeLake) -> None:
        self.lake = make_lake(ROWS)
        run_marts(self.lake.engine)
        run_similar(self.lake.engine)
        self.catalogue, self.documents, self.names = MemoryCatalogue(), MemoryDocuments(), MemoryNames()
        publish_all(self.lake.engine, self.catalogue, self.documents, names=self.names)
        self.alpha = self.names.find("alpha")[0]

    def check(self) -> CheckReport:
        return check_published(self.lake.engine, self.catalogue, self.documents, names=self.names)

    def differing(self) -> dict[str, str]:
        return {finding.what: finding.told for finding in self.check().findings if not finding.agrees}


@pytest.fixture
def published(make_lake: MakeLake) -> Published:
    return Published(make_lake)


def test_what_was_published_agrees(published: Published) -> None:
    report = published.check()
    assert report.agrees
    assert {finding.what: finding.found for finding in report.findings}["documents"] == 2


def test_a_changed_value_is_found_and_named(published: Published) -> None:
    published.catalogue.rows["artists"] = [
        (*row[:3], "Alpna", *row[4:]) if row[3] == "Alpha" else row
        for row in published.catalogue.rows["artists"]
    ]
    assert published.differing() == {"catalogue.artists": f"1 different: {published.alpha}"}


def test_what_is_missing_and_what_is_left_over_is_found(published: Published) -> None:
    document = published.documents.get(published.alpha)
    assert document is not None
    published.documents.replace_artists([published.alpha], [msgspec.structs.replace(document, entity_id="x")])
    published.names.replace_artists([published.alpha], [])
    assert published.differing() == {
        "documents": f"1 missing: {published.alpha}; 1 left over: x",
        "names": f"1 missing: {published.alpha}",
    }


def test_marts_that_moved_on_are_found(published: Published) -> None:
    published.lake.connection.execute("update artist_profile set followers = 7 where name = 'Alpha'")
    assert published.differing() == {
        "documents": f"1 different: {published.alpha}",
        "catalogue.artists": f"1 different: {published.alpha}",
    }
