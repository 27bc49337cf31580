"""A contract that changes has a new version, and its shape and a note are on record: part of `make check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tunelake.lake.contracts import versions
from tunelake.lake.contracts.contract import Column, Contract, load

RECORD = versions.read()
ARTISTS = load()["artists"]


@pytest.mark.parametrize("table", load())
def test_a_contract_is_on_record(table: str) -> None:
    found = versions.problems(load()[table], RECORD.get(table, ()))
    assert not found, f"{found[0]}; then: python -m scripts.contract_versions --note '...'"


def test_the_record_is_whole_and_written_as_the_script_writes_it(repository: Path) -> None:
    assert set(RECORD) == set(load())
    assert all(version.note for known in RECORD.values() for version in known)
    file = repository / "src" / "tunelake" / "lake" / "contracts" / "versions.json"
    assert file.read_bytes() == versions.write(RECORD)


def changed(place: int, **news: Any) -> Contract:
    columns = list(ARTISTS.columns)
    columns[place] = replace(columns[place], **news)
    return replace(ARTISTS, columns=tuple(columns))


def at(version: str, contract: Contract) -> list[str]:
    return versions.problems(replace(contract, version=version), (versions.of(ARTISTS, "first"),))


ADDED = replace(ARTISTS, columns=(*ARTISTS.columns, Column(name="more", type="string", meaning="M.")))
WIDER = changed(2, type="int64")
RENAMED = changed(1, name="title", was="name")


@pytest.mark.parametrize(
    ("contract", "too_small", "enough"),
    [
        (ADDED, "1.0.1", "1.1.0"),
        (WIDER, "1.9.0", "2.0.0"),
        (RENAMED, "1.9.0", "2.0.0"),
        (changed(2, max=200), "1.0.9", "1.1.0"),
        (changed(3, unit="thousands"), "1.1.0", "2.0.0"),
    ],
)
def test_a_change_needs_its_version(contract: Contract, too_small: str, enough: str) -> None:
    for version in (ARTISTS.version, too_small):
        (problem,) = at(version, contract)
        assert f"its version has to be {enough} or more" in problem
        assert not versions.recordable(replace(contract, version=version), (versions.of(ARTISTS, "first"),))
    assert at(enough, contract) == [f"artists {enough} is not on record"]
    new = replace(contract, version=enough)
    assert versions.problems(new, (versions.of(ARTISTS, "first"), versions.of(new, "why"))) == []


@pytest.mark.parametrize(
    ("contract", "says"),
    [
        (replace(ARTISTS, columns=ARTISTS.columns[:-1]), "a column is gone"),
        (replace(ARTISTS, columns=ARTISTS.columns[::-1]), "stands"),
        (changed(1, name="title"), "say `was`"),
        (changed(1, type="int32"), "cannot become int32"),
        (changed(3, type="int32"), "cannot become int32"),
        (replace(ARTISTS, key=("artist_id", "name")), "make a new table"),
    ],
)
def test_what_older_data_cannot_follow_is_refused(contract: Contract, says: str) -> None:
    assert says in at("9.0.0", contract)[0]


def test_words_may_change_at_any_time() -> None:
    reword: Callable[[Column], Column] = lambda column: replace(column, meaning="Other words.")  # noqa: E731
    assert at("1.0.0", replace(ARTISTS, columns=tuple(map(reword, ARTISTS.columns)))) == []


@pytest.mark.parametrize("contract", [ARTISTS, ADDED])
def test_a_version_never_goes_back(contract: Contract) -> None:
    new, had = replace(contract, version="1.1.0"), (versions.of(replace(ARTISTS, version="1.2.0"), "first"),)
    assert versions.problems(new, had) == ["artists 1.1.0 is older than 1.2.0, which is on record"]
    assert not versions.recordable(new, had)
