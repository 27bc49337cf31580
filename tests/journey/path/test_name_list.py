"""Five hundred names as people keep them: each ends in one state, rightly, and twice is like once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.journey.path.conftest import MakeHome
from tests.journey.path.name_list import ARTISTS, LINES, SEED, Line, aliases, as_file, name_list

pytestmark = pytest.mark.slow

STORED = {"fetched", "unchanged"}
# Other names that say too little: P!nk beside Pink Floyd, X Japan beside all with an X.
UNCLEAR = {"Pink", "X"}


def wrong(lines: list[Line], wants: list[dict[str, Any]]) -> list[tuple[Line, str, str, str]]:
    """The lines that ended otherwise than they should."""
    found = []
    for line, want in zip(lines, wants, strict=True):
        match line.kind:
            case "homonym":
                right = want["state"] == "ambiguous" and len(want["candidates"]) > 1
            case "nowhere" | "unreadable":
                right = want["state"] == "not_found"
            case _ if line.text in UNCLEAR:
                near = [one["artist_id"] for one in want["candidates"]]
                right = want["state"] == "ambiguous" and line.artist_id in near
            case _:
                right = want["state"] in STORED and want["artist_id"] == line.artist_id
        if not right:
            found.append((line, want["state"], want["name"], want["reason"]))
    return found


def test_each_of_500_lines_ends_in_one_state(make_home: MakeHome, tmp_path: Path) -> None:
    lines = name_list()
    assert len(lines) == LINES
    file = tmp_path / "names.txt"
    file.write_bytes(as_file(lines))
    home = make_home("--artists", str(ARTISTS), "--seed", str(SEED))

    told = home.run("collect", "artists", "--names", str(file))
    wants = told["wants"]
    assert told["asked"] == len(wants) == LINES
    assert sum(told["by_state"].values()) == LINES
    # "unchanged": what stands for a later line was found by an earlier one.
    assert set(told["by_state"]) <= {"fetched", "unchanged", "ambiguous", "not_found"}
    assert told["gaps"] == []

    assert wrong(lines, wants) == []
    assert all(want["state"] in STORED or want["reason"] for want in wants)

    stored = {line.artist_id for line in lines if line.artist_id and line.text not in UNCLEAR}
    assert told["stored"] == sum(want["state"] in STORED for want in wants)
    # The other artists of a search's answer are in the lake as well.
    assert {row["artist_id"] for row in home.sql("select artist_id from artists")} >= stored
    assert told["calls"] < LINES  # what is the same after folding is searched for once

    before = home.contents()
    again = home.run("collect", "artists", "--names", str(file))
    assert again["calls"] + again["token_calls"] == 0
    assert [(one["asked"], one["artist_id"]) for one in again["wants"]] == [
        (one["asked"], one["artist_id"]) for one in wants
    ]
    assert Counter(one["state"] for one in again["wants"]) == {
        "unchanged": told["stored"],
        "ambiguous": told["by_state"]["ambiguous"],
        "not_found": told["by_state"]["not_found"],
    }
    assert home.contents() == before

    home.environ["TUNELAKE_MAX_AGE_HOURS"] = "0"
    anew = home.run("collect", "artists", "--names", str(file))
    assert anew["calls"] >= told["calls"]
    assert set(anew["landed"]["rows"]) == {"raw_pages"}


def test_every_other_name_of_a_real_artist_finds_it(make_home: MakeHome, tmp_path: Path) -> None:
    lines = list(aliases())
    file = tmp_path / "names.txt"
    file.write_bytes(as_file(lines))
    home = make_home("--artists", str(ARTISTS), "--seed", str(SEED))
    told = home.run("collect", "artists", "--names", str(file))
    assert wrong(lines, told["wants"]) == []
