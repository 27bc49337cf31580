"""`tunelake upload`: what a person reads about a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tunelake.cli.upload import upload

ROWS = "id;artist_name;styles\n1;A;rock\n2;B;pop\n2;C;jazz\n3;D;folk;more\n"


def test_what_was_not_taken_or_not_used_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNELAKE_HOME", str(tmp_path / "home"))
    file = tmp_path / "bands.csv"
    file.write_text(ROWS, encoding="utf-8")
    words = [str(file), "--as", "artists", "--map", "id=artist_id"]
    done = CliRunner().invoke(upload, words, standalone_mode=False)
    assert done.exception is None, done.exception
    said = done.output
    assert done.return_value == 1
    assert "4 rows read, 3 taken, 1 not taken" in said
    assert "  row 4: line 5: has 4 values where the header has 3" in said
    assert "columns that were not used: styles; say what one is by --map" in said
    assert "1 row contradicts an earlier one" in said
    assert "None" not in said
