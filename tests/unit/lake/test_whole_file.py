"""A small file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tunelake.lake.places.whole_file import draft_of, write_whole


def test_what_was_there_stays_until_all_of_the_new_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "note"
    draft_of(path).write_bytes(b"of a process that ended, and longer than the next")
    write_whole(path, b"one")
    assert [one.name for one in tmp_path.iterdir()] == ["note"]

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for alone in (True, False):
            with pytest.raises(OSError, match="No space"):
                write_whole(path, b"two", alone=alone)
    assert path.read_bytes() == b"one"
    assert [one.name for one in tmp_path.iterdir()] == ["note"]


def test_what_is_private_is_for_its_owner_alone(tmp_path: Path) -> None:
    for private, mode in ((True, 0o600), (False, 0o666 & ~_umask())):
        path = tmp_path / str(private)
        write_whole(path, b"1", private=private)
        assert path.stat().st_mode & 0o777 == mode


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
