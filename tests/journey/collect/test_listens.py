"""A user's listening over a real sandbox: polled, uploaded, each play once, and gone when they leave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.job import log_in
from tunelake.collect.login.poll import PollReport, gap
from tunelake.errors import ConfigError, Skippable
from tunelake.lake.upload.history.report import HistoryReport
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.work.listens import collect_listens, log_out, upload_listens

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Listener:
    """A person at a home of their own."""

    def __init__(self, settings: Settings) -> None:
        self.product = Tunelake(settings)
        self.files = LoginFiles(settings.home, keyring=False)
        self.settings = settings

    def log_in(self) -> str:
        def browse(url: str) -> None:
            threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}, daemon=True).start()

        return log_in(self.settings, self.files, self.product.clock, browse, wait_s=10).user_id

    def poll(self) -> PollReport:
        report = collect_listens(self.product.lake, self.settings, self.files, self.product.clock)
        self.product.land()
        return report

    def upload(self, path: Path, **options: Any) -> HistoryReport:
        report = upload_listens(self.product.lake, path, self.product.clock, source="sandbox", **options)
        self.product.land()
        return report

    def plays(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.product.table("listens").to_pylist()
        return found


@pytest.fixture
def listener(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Listener]:
    every = getattr(request, "param", 210.0)
    world = open_catalogue(artists=60, seed=7, directory=None)
    with running(SandboxConfig(play_every_s=every), world) as ready:
        yield Listener(
            Settings(
                home=tmp_path / "home",
                spotify_api_url=ready.api_url,
                spotify_accounts_url=ready.accounts_url,
                spotify_client_id=ready.client_id,
                spotify_client_secret=Secret(ready.client_secret),
            )
        )


def exported(play: dict[str, Any], later_s: float = 1) -> dict[str, Any]:
    return {
        "ts": f"{play['played_at'] + timedelta(seconds=later_s):%Y-%m-%dT%H:%M:%SZ}",
        "ms_played": 200_000,
        "ip_addr": "192.0.2.1",
        "master_metadata_track_name": play["track_name"],
        "master_metadata_album_artist_name": play["artist_name"],
        "spotify_track_uri": f"spotify:track:{play['track_id']}",
    }


def test_polls_overlap_and_nothing_is_twice(listener: Listener) -> None:
    user = listener.log_in()
    first = listener.poll()
    again = listener.poll()
    assert (first.plays, first.gap, first.calls) == (50, None, 1)
    assert again.gap is None
    plays = listener.plays()
    assert 50 <= len(plays) <= 51
    assert {(one["user_id"], one["method"], one["source"]) for one in plays} == {(user, "poll", "sandbox")}
    assert all(one["track_name"] and one["artist_name"] and one["album_name"] for one in plays)
    assert listener.product.table("tracks").num_rows > 10


@pytest.mark.parametrize("listener", [0.02], indirect=True)
def test_plays_that_were_missed_are_told(listener: Listener) -> None:
    listener.log_in()
    first = listener.poll()
    time.sleep(2)
    second = listener.poll()
    assert first.newest
    assert second.gap
    assert second.gap.after == first.newest
    assert second.gap.before > first.newest


def test_a_gap_needs_all_that_is_told_to_be_newer() -> None:
    times = [NOW + timedelta(minutes=number) for number in range(50)]
    assert gap(times, None) is None
    assert gap(times, NOW) is None
    assert gap(times[:49], NOW - timedelta(days=1)) is None
    assert gap(times, NOW - timedelta(seconds=1)) is not None


def test_what_was_polled_is_not_uploaded_again_and_the_other_way_round(
    listener: Listener, tmp_path: Path
) -> None:
    user = listener.log_in()
    listener.poll()
    polled = listener.plays()
    file = tmp_path / "Streaming_History_Audio_2026.json"
    file.write_text(json.dumps([exported(one) for one in polled[:10]]), encoding="utf-8")
    report = listener.upload(file, user=user)
    assert (report.rows_taken, report.rows_duplicate) == (0, 10)
    log_out(listener.product.lake, listener.files)
    listener.log_in()
    assert listener.upload(file, user=user).rows_taken == 10
    assert listener.poll().known == 10
    assert 50 <= len(listener.plays()) <= 51


def everything_in(folder: Path) -> Iterator[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_who_leaves_leaves_nothing(listener: Listener, tmp_path: Path) -> None:
    user = listener.log_in()
    listener.poll()
    home = listener.settings.home
    (page_id,) = {one["page_id"] for one in listener.plays()}
    own, other = tmp_path / "own.json", tmp_path / "other.json"
    play = exported(listener.plays()[0], later_s=-400_000)
    own.write_text(json.dumps([play, {**play, "ts": "never"}]), encoding="utf-8")
    other.write_text(json.dumps([play, {**play, "ts": "never"}]), encoding="utf-8")
    listener.upload(own, user=user)
    listener.upload(other, user="somebody-else")
    (home / "raw" / "torn" / "tail").write_bytes(user.encode())
    left = log_out(listener.product.lake, listener.files)
    assert (left.user_id, left.torn) == (user, 1)
    assert left.rows["listens"] >= 51
    assert (left.rows["quarantine"], left.pages) == (1, 3)
    assert {one["user_id"] for one in listener.plays()} == {"somebody-else"}
    assert listener.files.read() is None
    assert not listener.files.path.exists()
    assert not [data for data in everything_in(home / "raw") if user.encode() in data]
    with pytest.raises(Skippable):
        listener.product.lake.read_page(page_id)
    with pytest.raises(ConfigError, match="nobody is logged in"):
        listener.poll()


def test_the_lake_goes_on_after_an_erasure(listener: Listener, tmp_path: Path) -> None:
    listener.log_in()
    listener.poll()
    before = listener.product.lake.landing.end()
    log_out(listener.product.lake, listener.files)
    again = Tunelake(listener.settings)
    assert again.lake.landing.end() == before
    pages = list(again.lake.landing.pages())
    assert again.lake.landing.damages == []
    assert [page.page.body for page in pages] == [b""]
    assert again.land().pages == 0
    listener.log_in()
    assert listener.poll().plays == 50
    assert len(listener.plays()) == 50
    # A home made anew from the same log: what was erased stays erased.
    copy = Tunelake(msgspec.structs.replace(listener.settings, home=tmp_path / "copy"))
    for segment in again.lake.home.landing.iterdir():
        (copy.lake.home.landing / segment.name).write_bytes(segment.read_bytes())
    landed = copy.land()
    assert (landed.rows["listens"], landed.rejected) == (50, 0)
    listener.product.lake.home.root.joinpath("control.db").unlink(missing_ok=True)
    assert log_out(again.lake, listener.files).pages == 1
    with pytest.raises(ConfigError, match="nobody is logged in"):
        log_out(again.lake, listener.files)
    assert log_out(again.lake, listener.files, user="nobody").pages == 0
