"""What a SQLite store says when it cannot write is for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunelake.errors import ConfigError, Fatal
from tunelake.publish.sqlalchemy_store import SqlCatalogue


def test_a_refused_row_is_told_in_the_words_of_the_database(tmp_path: Path) -> None:
    store = SqlCatalogue(f"sqlite:{tmp_path}/catalogue.db")
    row = ("a1", "sandbox", "a1", "One", None, None, None, None, None, "all", "p1")
    with pytest.raises(Fatal) as told, store.replacing({"artists": [row, row]}, {}):
        pass
    store.close()
    assert str(told.value).endswith(
        "catalogue.db cannot be written: UNIQUE constraint failed: artists.entity_id"
    )


def test_what_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.db"
    path.write_bytes(b"no database " * 400)
    with pytest.raises(ConfigError, match=r"cannot be opened: file is not a database$"):
        SqlCatalogue(f"sqlite:{path}").counts()
