"""Made-up exports of a listening history, as they are handed out: the same ones every time."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
FILE_BYTES = 12_000_000
FIRST = datetime(2014, 1, 1, tzinfo=UTC)
ENDS = ("trackdone", "fwdbtn", "endplay", "logout")


def an_id(number: int) -> str:
    """A made-up id of 22 characters of base 62."""
    digits = []
    number = (number * 0x9E3779B97F4A7C15 + 0x1234567) % 62**22
    for _ in range(22):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(digits)


def extended(plays: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Rows of the extended history: mostly tracks, now and then an episode."""
    chance = random.Random(seed)  # noqa: S311  made-up data
    at = FIRST
    for number in range(plays):
        track = min(int(chance.paretovariate(0.8)), 200_000)
        heard = chance.choice((chance.randrange(1_000, 30_000), chance.randrange(120_000, 320_000)))
        at += timedelta(milliseconds=heard, seconds=1 + chance.randrange(20))
        row: dict[str, Any] = {
            "ts": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "platform": "Android OS 11 API 30 (maker, MODEL-1)",
            "ms_played": heard,
            "conn_country": "KR",
            "ip_addr": f"192.0.2.{number % 250}",
            "user_agent_decrypted": "unknown",
            "master_metadata_track_name": f"Song {track}",
            "master_metadata_album_artist_name": f"Artist {track % 5000}",
            "master_metadata_album_album_name": f"Album {track // 10}",
            "spotify_track_uri": f"spotify:track:{an_id(track)}",
            "episode_name": None,
            "episode_show_name": None,
            "spotify_episode_uri": None,
            "reason_start": "clickrow",
            "reason_end": ENDS[number % len(ENDS)],
            "shuffle": bool(number % 3),
            "skipped": None if number % 2 else False,
            "offline": False,
            "offline_timestamp": 1_600_000_000 + number,
            "incognito_mode": False,
        }
        if number % 50 == 49:
            row |= dict.fromkeys([name for name in row if name.startswith(("master", "spotify"))])
            row |= {
                "episode_name": f"Episode {number}",
                "episode_show_name": "The Show",
                "spotify_episode_uri": f"spotify:episode:{an_id(number + 10**6)}",
            }
        yield row


def account(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same plays of tracks as the account data tell them: to the minute, without ids."""
    for row in rows:
        if row["spotify_track_uri"]:
            yield {
                "endTime": row["ts"][:16].replace("T", " "),
                "artistName": row["master_metadata_album_artist_name"],
                "trackName": row["master_metadata_track_name"],
                "msPlayed": row["ms_played"],
            }


def write_zip(
    path: Path, rows: Iterator[dict[str, Any]], name: str = "Streaming_History_Audio_2014_{}.json"
) -> int:
    """Write rows into a ZIP of JSON arrays of about 12 MB; the number of files."""
    folder = "my_spotify_data/"
    files = 0
    waiting: list[str] = []
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(folder + "Identity.json", '{"displayName": "someone"}')
        archive.writestr(folder + "ReadMeFirst.pdf", b"%PDF-1.4")
        for row in rows:
            waiting.append(json.dumps(row, indent=2, ensure_ascii=False))
            size += len(waiting[-1])
            if size >= FILE_BYTES:
                archive.writestr(folder + name.format(files), "[ " + ", ".join(waiting) + " ]")
                files, waiting, size = files + 1, [], 0
        if waiting or not files:
            archive.writestr(folder + name.format(files), "[ " + ", ".join(waiting) + " ]")
            files += 1
    return files
