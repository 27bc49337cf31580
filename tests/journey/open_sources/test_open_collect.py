"""From nothing to answers without an account: the command line against the sandbox's open sources."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.open_sources.aiohttp_open import OpenConfig, OpenReady, running_open


@pytest.fixture(scope="module")
def ready() -> Iterator[OpenReady]:
    world = open_catalogue(artists=200, seed=7, directory=None)
    with running_open(OpenConfig(rate=50, burst=3, rate_503=0.2, window_calls=4, window_s=1), world) as ready:
        yield ready


def tunelake(home: Path, ready: OpenReady, *words: str) -> tuple[int, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TUNELAKE_")}
    environ = kept | {
        "TUNELAKE_HOME": str(home),
        "TUNELAKE_MUSICBRAINZ_URL": ready.musicbrainz_url,
        "TUNELAKE_LISTENBRAINZ_URL": ready.listenbrainz_url,
    }
    command = [sys.executable, "-m", "tunelake", *words, "--json"]
    ended = subprocess.run(command, env=environ, capture_output=True, timeout=120, check=False)
    assert ended.stdout, ended.stderr.decode()
    return ended.returncode, msgspec.json.decode(ended.stdout)


@pytest.mark.slow
def test_artists_are_collected_by_name_and_known_in_every_script(tmp_path: Path, ready: OpenReady) -> None:
    home = tmp_path / "home"
    names = [word for name in ("BTS", "방탄소년단", "Nobody At All Zzz") for word in ("--name", name)]
    code, report = tunelake(
        home,
        ready,
        "collect",
        "artists",
        "--source",
        "musicbrainz",
        *names,
        "--with",
        "relations,releases,tracks",
    )
    assert code == 0
    assert report["by_state"] == {"fetched": 1, "unchanged": 1, "not_found": 1}
    assert report["retries"].get("rate_limited", 0) >= 1  # one in five was refused for no fault of ours
    assert report["landed"]["rejected"] == 0
    code, rows = tunelake(
        home,
        ready,
        "sql",
        "select distinct rights from artist_tags union all select distinct rights from artists",
    )
    assert sorted(row["rights"] for row in rows) == ["cc0", "musicbrainz-nc"]
    _, issues = tunelake(
        home, ready, "sql", "select count(*) as n, count(barcode) as codes, "
        "count(catalogue_number) as numbers from releases r "
        "join album_artists a on a.source = r.source and a.album_id = r.album_id "
        "join artists b on b.source = a.source and b.artist_id = a.artist_id where b.name = 'BTS'",
    )  # fmt: skip
    assert issues[0]["n"] >= issues[0]["codes"] >= 1
    assert issues[0]["n"] == issues[0]["numbers"]
    _, again = tunelake(home, ready, "collect", "artists", "--source", "musicbrainz", "--name", "BTS")
    assert again["calls"] == 0
    code, counted = tunelake(
        home, ready, "collect", "artists", "--source", "listenbrainz", "--name", "BTS",
        "--with", "top-tracks,related",
    )  # fmt: skip
    assert code == 0
    assert counted["calls_by_endpoint"] == {"lb_artist_counts": 1, "lb_similar": 1, "lb_top_recordings": 1}
    assert tunelake(home, ready, "build")[0] == 0
    _, one = tunelake(
        home, ready, "sql", "select count(distinct entity_id) as n from identity i join artists a "
        "on a.source = i.source and a.artist_id = i.id where a.name = 'BTS'",
    )  # fmt: skip
    assert [row["n"] for row in one] == [1]
    code, answer = tunelake(home, ready, "ask", "방탄소년단")
    assert code == 0
    assert "BTS" in msgspec.json.encode(answer).decode()
