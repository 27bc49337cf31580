"""Memory and time of enriching a long listening history: the tracks that the plays of an export name.

An export of plays of the sandbox's own tracks is taken in, then `tunelake collect tracks --played` runs
against the sandbox; a second run must find nothing to ask. Peaks are those of each command alone.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from bench.harness import write

from tunelake.sandbox.open import open_world
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.sandbox.world.world import World

PLAYS = 1_000_000
FEW = 10_000
ARTISTS = 20_000
ROWS_A_FILE = 16_000
GOAL_MB = 300
USUAL = 0.8
"""Share of plays of what is played again and again; the others are of anything."""
FIRST = datetime(2012, 1, 1, tzinfo=UTC)


def plays(world: World, count: int) -> Iterator[dict[str, object]]:
    """Rows of the extended history: a few songs again and again, many once."""
    dice = random.Random(1)
    songs: list[str] = []
    artists = (artist for artist, _ in world.truth())
    at = FIRST
    for number in range(count):
        while len(songs) < 8 * (1 + number // 40):
            albums = world.albums_of(next(artists))
            of_one = [
                one
                for listed, _ in islice(albums, 3)
                if (album := world.album(listed))
                for one in album.track_ids
            ]
            songs += of_one
        at += timedelta(seconds=dice.randrange(60, 400))
        place = int(dice.paretovariate(0.6)) if dice.random() < USUAL else dice.randrange(len(songs)) + 1
        song = songs[min(place, len(songs)) - 1]
        yield {
            "ts": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "ms_played": dice.randrange(1000, 400_000),
            "master_metadata_track_name": f"Song {song[:4]}", "master_metadata_album_artist_name": "Somebody",
            "master_metadata_album_album_name": "Something", "spotify_track_uri": f"spotify:track:{song}",
            "ip_addr": "192.0.2.1", "platform": "x", "reason_start": "clickrow", "reason_end": "trackdone",
            "shuffle": False, "offline": False, "incognito_mode": False,
        }  # fmt: skip


def export(path: Path, world: World, count: int) -> None:
    """Write them as they are handed out: a ZIP of files of some thousand rows."""
    rows = plays(world, count)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, some in enumerate(iter(lambda: list(islice(rows, ROWS_A_FILE)), [])):
            archive.writestr(f"Streaming_History_Audio_{number}.json", json.dumps(some))


def command(home: Path, ready: Ready, *words: str) -> tuple[dict[str, object], float]:
    """Run a command to its end; what it printed, and its peak memory in MB."""
    told = {f"TUNELAKE_SPOTIFY_{name.upper()}": getattr(ready, name)
            for name in ("api_url", "accounts_url", "client_id", "client_secret")}  # fmt: skip
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tunelake", *words, "--json"],
            env=os.environ | told | {"TUNELAKE_HOME": str(home)}, stdout=out,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        document: dict[str, object] = json.loads(out.read())
    return document, usage.ru_maxrss / 1024


def measure(count: int) -> list[str]:
    """Take an export in and enrich it; the figures of one row."""
    world = open_world(artists=ARTISTS, seed=1)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path, home = Path(folder) / "export.zip", Path(folder) / "home"
        export(path, world, count)
        ready = stack.enter_context(running(SandboxConfig(), world))
        _, upload_mb = command(home, ready, "upload", str(path), "--user", "me")
        told, peak = command(home, ready, "collect", "tracks", "--played", "--source", "spotify")
        again, _ = command(home, ready, "collect", "tracks", "--played", "--source", "spotify")
    states, played = told["by_state"], told["played"]
    assert isinstance(played, dict)
    assert again["calls"] == 0, again
    return [
        f"{count:,}", f"{played['tracks']:,}", str(told["calls"]), f"{told['seconds']:.0f} s",
        f"{upload_mb:.0f} MB", f"{peak:.0f} MB", str(states),
    ]  # fmt: skip


def main() -> None:
    """Measure two sizes, so that what grows is seen."""
    rows = [measure(count) for count in (FEW, int(sys.argv[1]) if len(sys.argv) > 1 else PLAYS)]
    write(
        "played",
        "The tracks of a listening history: `tunelake upload`, then `tunelake collect tracks --played`",
        ["plays", "different tracks", "calls", "time", "peak of upload", "peak of collect", "ended as"],
        rows,
        f"Goal: under {GOAL_MB} MB more for a million plays than for few.",
    )


if __name__ == "__main__":
    main()
