"""Five hundred names as people keep them: each ends in one state, rightly, and twice is like once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bench.names import ARTISTS, SEED, Got, Line, by_asking, is_as_meant, read_list, scores, told
from tests.journey.path.conftest import MakeHome
from tests.journey.path.name_list import aliases, as_file, documented

pytestmark = pytest.mark.slow

LINES = 500
STORED = {"fetched", "unchanged"}
# Other names that say too little: P!nk beside Pink Floyd, X Japan beside all with an X.
UNCLEAR = {"Pink", "X"}
# Of the names that are slips, so many are to be found; all the others without exception.
FLOORS = {"typo": 0.95, "jamo": 0.85}


def got(want: dict[str, Any]) -> Got:
    outcome = "found" if want["state"] in STORED else want["state"]
    return Got(outcome, want["artist_id"] or "")


def check_floors(lines: list[Line], outcomes: list[Got], *, column: int) -> None:
    """No artist is a wrong one, nearly all that are meant are found, and the page tells how many.

    Args:
        lines: The names.
        outcomes: What became of each.
        column: Where the page has these figures.
    """
    computed = scores(lines, outcomes)
    assert {kind: [str(one.lines), *told(one)[:2]] for kind, one in computed.items()} == {
        kind: [cells[0], *cells[column : column + 2]] for kind, cells in documented().items()
    }
    for kind, score in computed.items():
        missed = [
            (line, one)
            for line, one in zip(lines, outcomes, strict=True)
            if kind in {line.kind, "all"} and not is_as_meant(line, one)
        ]
        assert score.precision == 1, missed
        assert score.as_meant >= FLOORS.get(kind, 0.99 if kind == "all" else 1) * score.lines, missed


def test_each_of_500_lines_ends_in_one_state(make_home: MakeHome, tmp_path: Path) -> None:
    lines = read_list()
    assert len(lines) == LINES
    file = tmp_path / "names.txt"
    file.write_bytes(as_file(lines))
    home = make_home("--artists", str(ARTISTS), "--seed", str(SEED))

    report = home.run("collect", "artists", "--names", str(file))
    wants = report["wants"]
    assert report["asked"] == len(wants) == LINES
    assert sum(report["by_state"].values()) == LINES
    # "unchanged": what stands for a later line was found by an earlier one.
    assert set(report["by_state"]) <= {"fetched", "unchanged", "ambiguous", "not_found"}
    assert report["gaps"] == []

    check_floors(lines, [got(want) for want in wants], column=1)
    assert all(want["state"] in STORED or want["reason"] for want in wants)
    for line, want in zip(lines, wants, strict=True):
        assert len(want["asked"]) <= 200
        if line.kind == "ambiguous":
            assert {one["artist_id"] for one in want["candidates"]} == set(line.ids)
            assert all(one["about"] for one in want["candidates"]), "what tells them apart"

    stored = {line.ids[0] for line, want in zip(lines, wants, strict=True) if got(want).outcome == "found"}
    assert report["stored"] == sum(want["state"] in STORED for want in wants)
    # The other artists of a search's answer are in the lake as well.
    assert {row["artist_id"] for row in home.sql("select artist_id from artists")} >= stored
    assert report["calls"] < LINES  # what is the same after folding is searched for once

    before = home.contents()
    again = home.run("collect", "artists", "--names", str(file))
    assert again["calls"] + again["token_calls"] == 0
    assert [(one["asked"], one["artist_id"]) for one in again["wants"]] == [
        (one["asked"], one["artist_id"]) for one in wants
    ]
    assert Counter(one["state"] for one in again["wants"]) == {
        "unchanged": report["stored"],
        "ambiguous": report["by_state"]["ambiguous"],
        "not_found": report["by_state"]["not_found"],
    }
    assert home.contents() == before

    home.environ["TUNELAKE_MAX_AGE_HOURS"] = "0"
    anew = home.run("collect", "artists", "--names", str(file))
    assert anew["calls"] >= report["calls"]
    assert set(anew["landed"]["rows"]) == {"raw_pages"}


def test_known_artists_are_found_by_the_same_500_names() -> None:
    lines = read_list()
    check_floors(lines, by_asking(lines), column=3)


def test_every_other_name_of_a_real_artist_finds_it(make_home: MakeHome, tmp_path: Path) -> None:
    lines = list(aliases())
    file = tmp_path / "names.txt"
    file.write_bytes(as_file(lines))
    home = make_home("--artists", str(ARTISTS), "--seed", str(SEED))
    wants = home.run("collect", "artists", "--names", str(file))["wants"]
    for line, want in zip(lines, wants, strict=True):
        if line.text in UNCLEAR:
            assert (want["state"], want["candidates"] != []) == ("ambiguous", True), line
        else:
            assert is_as_meant(line, got(want)), (line, want)
