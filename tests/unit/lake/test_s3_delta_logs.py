"""Which files of a table's log it takes to read the table as it is now."""

from __future__ import annotations

import pytest

from tunelake.lake.places.s3_delta_logs import needed


def _commits(*versions: int) -> list[str]:
    return [f"{version:020}.json" for version in versions]


def _mark(version: int) -> str:
    return f"{version:020}.checkpoint.parquet"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], []),
        (["_commit_1.json.tmp"], []),
        (_commits(0, 1, 2), _commits(0, 1, 2)),
        ([*_commits(0, 1, 2, 3, 4), _mark(0), _mark(2)], [_mark(2), *_commits(3, 4)]),
        ([_mark(7)], [_mark(7)]),
        (_commits(1, 2), None),
        ([_mark(2), *_commits(4)], None),
        ([f"{2:020}.checkpoint.0000000001.0000000002.parquet", *_commits(3)], None),
        (_commits(0, 2), None),
    ],
)
def test_the_newest_checkpoint_and_what_came_since(names: list[str], told: list[str] | None) -> None:
    assert needed(reversed(names)) == told
