"""What an uploaded history names is collected: in batches, once, through kills and bans; each play counts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.planning.plan import Pace, plan
from tunelake.collect.report import PARKED
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Quota, SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.work.listens import log_out, upload_listens
from tunelake.work.played import Coverage, tracks_wanted

pytestmark = pytest.mark.slow
TRACKS = 230
BATCHES = 5  # fifty a call, and one track more that nobody knows
UNKNOWN = "0" * 22
NAMED = TRACKS + 1


@pytest.fixture(scope="module")
def world() -> Catalogue:
    return open_catalogue(artists=120, seed=7, directory=None)


def track_ids(world: Catalogue) -> Iterator[str]:
    seen: set[str] = set()
    for playlist_id in world.playlists():
        playlist = world.playlist(playlist_id)
        for track_id in playlist.track_ids if playlist else ():
            if track_id and track_id not in seen:
                seen.add(track_id)
                yield track_id


def export(world: Catalogue, path: Path) -> Path:
    """Two plays of each track, one of a track that is gone, an episode and a file of the listener."""
    ids = [*islice(track_ids(world), TRACKS)] * 2 + [UNKNOWN]
    assert len(set(ids)) == NAMED
    rows = [
        {
            "ts": f"2025-03-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
            "ms_played": 200_000,
            "master_metadata_track_name": f"Song {one}",
            "master_metadata_album_artist_name": "Band",
            "spotify_track_uri": f"spotify:track:{one}",
        }
        for number, one in enumerate(ids)
    ]
    episode = {
        "episode_name": "One",
        "episode_show_name": "Show",
        "spotify_episode_uri": f"spotify:episode:{UNKNOWN}",
    }
    rows.append({"ts": "2025-05-01T00:00:00Z", "ms_played": 1000, **episode})
    rows.append(
        {**rows[0], "ts": "2025-05-02T00:00:00Z", "spotify_track_uri": "spotify:local:Band::Song:200"}
    )
    path.write_text(json.dumps(rows))
    return path


@contextmanager
def listener(world: Catalogue, folder: Path, config: SandboxConfig, **settings: float) -> Iterator[Tunelake]:
    with running(config, world) as ready:
        product = Tunelake(
            Settings(
                home=folder / "home",
                spotify_api_url=ready.api_url,
                spotify_accounts_url=ready.accounts_url,
                spotify_client_id=ready.client_id,
                spotify_client_secret=Secret(ready.client_secret),
                **settings,  # type: ignore[arg-type]  # numbers
            )
        )
        path = export(world, folder / "Streaming_History_Audio_2025.json")
        upload_listens(product.lake, path, product.clock, source="sandbox")
        yield product


def asked(product: Tunelake) -> Counter[str]:
    """What landed of tracks, each request by its path and ids."""
    pages = (one.page for one in product.lake.landing.pages())
    return Counter(f"{page.path} {page.params}" for page in pages if page.endpoint in {"track", "tracks"})


def planned(product: Tunelake) -> list[tuple[str, int]]:
    """The calls that are planned for what was played."""
    with product.surveyor() as surveyor:
        survey = surveyor.tracks(tracks_wanted(product.lake, [], "sandbox", product.clock.now()))
    return [
        (step.endpoint, step.calls) for step in plan(survey, "extended", Pace(), product.clock.now()).steps
    ]


COVERED = Coverage(
    plays=2 * TRACKS + 3,
    of_known=2 * TRACKS,
    of_unknown=1,
    without_id=2,
    tracks=NAMED,
    known_tracks=TRACKS,
)


def test_each_track_that_was_played_is_asked_for_once(world: Catalogue, tmp_path: Path) -> None:
    with listener(world, tmp_path, SandboxConfig()) as product:
        product.land()
        assert planned(product) == [("tracks", BATCHES)]
        report = product.collect_tracks(played_at="sandbox")
        product.land()
        assert report.calls_by_endpoint == {"tracks": BATCHES}
        assert planned(product) == []
        assert (report.by_state, report.exit_code) == ({"fetched": TRACKS, "not_found": 1}, 0)
        assert product.played("sandbox") == COVERED
        again = product.collect_tracks(played_at="sandbox")
        assert (again.calls, again.asked) == (0, 0)
        (ledger,) = product.status().ledgers
        assert ledger.things["track"] == {"fetched": TRACKS, "not_found": 1}
        with pytest.raises(ConfigError, match="'nobody' is no track"):
            product.collect_tracks(["nobody"])


def test_who_leaves_wants_nothing_any_more(world: Catalogue, tmp_path: Path) -> None:
    other = next(islice(track_ids(world), TRACKS, None))
    with listener(world, tmp_path, SandboxConfig(quota=Quota(calls=1, ban_s=3600))) as product:
        product.collect_tracks([other], played_at="sandbox")
        files = LoginFiles(product.lake.home.root, keyring=False)
        with product.ledger() as ledger:
            wanted = sum(one.state is State.WANTED for one in ledger.owed())
            log_out(product.lake, files, user="me", source="sandbox", ledger=ledger)
            left = [one.reason for one in ledger.owed() if one.state is State.WANTED]
        assert wanted > len(left)
        assert not [reason for reason in left if "played" in reason]
        assert product.played("sandbox").plays == 0


def test_a_killed_process_is_gone_on_with(world: Catalogue, tmp_path: Path) -> None:
    config = SandboxConfig(profile="development", latency_s=0.05)
    with listener(world, tmp_path, config) as product:
        settings = product.settings
        product.land()
        environ = os.environ | {
            "TUNELAKE_HOME": str(settings.home),
            "TUNELAKE_SPOTIFY_API_URL": settings.spotify_api_url,
            "TUNELAKE_SPOTIFY_ACCOUNTS_URL": settings.spotify_accounts_url,
            "TUNELAKE_SPOTIFY_CLIENT_ID": settings.spotify_client_id,
            "TUNELAKE_SPOTIFY_CLIENT_SECRET": settings.spotify_client_secret.reveal(),
        }
        command = [sys.executable, "-m", "tunelake", "collect", "tracks", "--played", "--source", "sandbox"]
        with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
            end = time.monotonic() + 60
            while asked(product).total() < 40 and time.monotonic() < end:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
        before = asked(product).total()
        assert 40 <= before < NAMED
        status = product.status()
        assert status.last[0].outcome == "died"
        assert status.ledgers[0].owed == {"track": NAMED}
        report = product.collect_tracks()
        product.land()
        assert report.by_state.get("not_found") == 1
        assert max(asked(product).values()) == 1
        batches = sum(count for line, count in asked(product).items() if "'ids'" in line)
        assert asked(product).total() - batches == NAMED
        assert batches <= 6  # which such an application may not ask for, as it finds out
        assert product.played("sandbox") == COVERED


def test_a_ban_is_waited_for_outside_and_gone_on_with(world: Catalogue, tmp_path: Path) -> None:
    config = SandboxConfig(quota=Quota(calls=3, ban_s=4))
    with listener(world, tmp_path, config, max_wait_seconds=1.0) as product:
        first = product.collect_tracks(played_at="sandbox")
        assert first.exit_code == PARKED
        assert sum(first.by_state.values()) == NAMED
        product.land()
        covered = product.played("sandbox")
        assert 0 < covered.of_known < 2 * TRACKS
        (ledger,) = product.status().ledgers
        assert 0 < ledger.owed["track"] < NAMED
        assert product.collect_tracks().calls == 0
        end = time.monotonic() + 60
        while (report := product.collect_tracks()).exit_code == PARKED and time.monotonic() < end:
            time.sleep(0.2)
        assert report.exit_code == 0
        product.land()
        assert product.played("sandbox") == COVERED
        assert max(asked(product).values()) == 1
