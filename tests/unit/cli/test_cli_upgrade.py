"""A person brings a home up to date, or asks whether that is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.unit.lake.pages import make, read

from tunelake.cli.main import main
from tunelake.lake.contracts.contract import load
from tunelake.lake.lake import Lake


def test_a_home_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(code: int, *words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["upgrade", *words])
        told = capsys.readouterr()
        assert ended.value.code == code, told.err
        return told.out + told.err

    monkeypatch.setenv("TUNELAKE_HOME", str(tmp_path / "home"))
    assert "is no home of Tunelake" in said(2)
    today = load()["artists"]
    narrow = [replace(one, type="int32") if one.name == "followers" else one for one in today.columns]
    monkeypatch.setitem(load(), "artists", replace(today, columns=tuple(narrow)))
    lake = Lake(tmp_path / "home", reader=read)
    lake.landing.append(make(1, {"artists": [{"artist_id": "a", "followers": 7}]}))
    lake.land()
    monkeypatch.setitem(load(), "artists", today)
    assert "nothing was changed" in said(1, "--check")
    told = json.loads(said(0, "--json"))
    assert [(one["table"], one["changed"]) for one in told["tables"]] == [("artists", ["followers"])]
    assert "up to date" in said(0, "--check")
