from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from tests.unit.lake import pages

from tunelake.errors import Fatal
from tunelake.lake.lake import Lake
from tunelake.publish.memory_store import MemoryCatalogue, MemoryDocuments
from tunelake.work.build import STAGES, BuildReport, build
from tunelake.work.stores import Stores


def built(lake: Lake, stores: Stores, told: list[tuple[str, int, int | None]] | None = None) -> BuildReport:
    seen = told if told is not None else []
    return build(lake, stores, stated=(), market="US", progress=lambda *step: seen.append(step))


def test_a_build_goes_from_pages_to_what_serves(lake: Lake, stores: Stores) -> None:
    told: list[tuple[str, int, int | None]] = []
    report = built(lake, stores, told)
    assert report.landed.rows["artists"] == 2
    assert tuple(report.seconds) == STAGES
    assert [step for step in told if step[1]] == [(stage, 1, 1) for stage in STAGES]
    (entity_id,) = stores.catalogue.find("adele")
    document = stores.documents.get(entity_id)
    assert document is not None
    assert [near.name for near in document.neighbours] == ["Dido"]


def test_a_second_build_changes_nothing(lake: Lake, stores: Stores) -> None:
    built(lake, stores)
    before = stores.catalogue.counts()
    again = built(lake, stores)
    assert again.landed.pages == 0
    assert stores.catalogue.counts() == before


def test_an_empty_lake_builds_to_nothing(tmp_path: Path, stores: Stores) -> None:
    report = built(Lake(tmp_path / "empty", reader=pages.read), stores)
    assert report.landed.pages == 0
    assert not any(stores.catalogue.counts().values())
    assert stores.documents.count() == 0


class Full(MemoryCatalogue):
    """A catalogue whose disk is full."""

    def replacing(self, *_: object, **__: object) -> NoReturn:
        raise Fatal("no space for the catalogue")


def test_a_stage_that_fails_leaves_what_serves(lake: Lake, stores: Stores) -> None:
    built(lake, stores)
    count = stores.documents.count()
    full = Full()
    full.rows = stores.catalogue.rows if isinstance(stores.catalogue, MemoryCatalogue) else {}
    with pytest.raises(Fatal, match="no space"):
        built(lake, Stores(full, stores.documents))
    assert full.find("adele")
    assert stores.documents.count() == count
    empty = Stores(MemoryCatalogue(), MemoryDocuments())
    assert built(lake, empty).published.rows
    assert empty.documents.count() == count
