"""A person looks at what is in quarantine and lets it go, in words and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import tunelake
from tunelake.cli.main import main
from tunelake.domain.pages import Page, fingerprint, page_id

BODY = json.dumps({"id": "2" * 22, "name": "Odd", "type": "artist", "popularity": 170, "genres": []}).encode()


@pytest.fixture
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home with one artist that is too popular."""
    monkeypatch.setenv("TUNELAKE_HOME", str(tmp_path / "home"))
    at, path = datetime(2026, 1, 1, tzinfo=UTC), f"/artists/{'2' * 22}"
    lake = tunelake.open().lake
    lake.landing.append(
        Page(
            page_id=page_id(fingerprint("sandbox", path, ()), at, BODY), source="sandbox", rights="all",
            endpoint="artist", path=path, params=(), status=200, fetched_at=at, headers={}, body=BODY,
        )
    )  # fmt: skip
    assert lake.land().rejected == 1


@pytest.mark.usefixtures("_home")
def test_an_entry_is_seen_and_taken(capsys: pytest.CaptureFixture[str]) -> None:
    def said(code: int, *words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["quarantine", *words])
        told = capsys.readouterr()
        assert ended.value.code == code, told.err
        return told.out + told.err

    (entry,) = json.loads(said(0, "--json"))
    assert (entry["table"], entry["where"]) == ("artists", "artists[0]")
    assert "'popularity' is 170" in said(0, "--table", "artists")
    assert "nothing is in quarantine" in said(0, "--table", "albums")
    assert "there is no table 'artist'" in said(2, "--table", "artist")
    shown: dict[str, Any] = json.loads(said(0, "show", entry["id"], "--json"))
    assert shown["body"] == BODY.decode()
    assert BODY.decode() in said(0, "show", entry["id"])
    assert "nothing in quarantine is called x" in said(2, "show", "x")
    assert "name entries, or say --all" in said(2, "release")
    assert "0 released, 1 stay" in said(1, "release", "--all")
    told = json.loads(said(0, "release", entry["id"], "--accept", "--why", "so it is", "--json"))
    assert [one["how"] for one in told["released"]] == ["accepted"]
    assert "nothing is in quarantine" in said(0)
    rows = tunelake.open().sql("select name, popularity from artists").to_pylist()
    assert rows == [{"name": "Odd", "popularity": None}]
    (kept,) = tunelake.open().sql("select how, why from quarantine_releases").to_pylist()
    assert kept == {"how": "accepted", "why": "so it is"}
