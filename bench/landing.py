"""Landing 40,000 full track objects, in pages of 50, into raw and typed tables: CPU a track.

References, in the same run: dlt to Parquet with the same tables and columns (it keeps no raw answers and no
markets), and the floor under anything that reads JSON into Parquet: find the tokens of each body, write
finished columns.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from bench.harness import contest, counted, play, tell, write
from bench.tracks import bodies, pages

COUNT = int(os.environ.get("BENCH_TRACKS", "40000"))
STREAMS = os.environ.get("BENCH_STREAMS", "40000,400000").split(",")
MODULE = "bench.landing"
AT_ONCE = 8


def tunelake() -> None:
    """Append every page durably, each by a write of its own, then land them all."""
    land(1)


def together() -> None:
    """Append pages durably as they come when eight are asked at once, then land them all."""
    land(AT_ONCE)


def without() -> None:
    """The same answers one by one, with lists of markets that are not kept."""
    land(1, markets=False)


def land(at_once: int, *, markets: bool = True) -> None:
    """Append pages, some at once, and land them."""
    from tunelake.lake.lake import Lake
    from tunelake.sources.spotify.rows import read_rows

    answers = list(pages(COUNT, markets=markets))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home", reader=read_rows)
        warm_up(Path(folder))
        with counted() as cost:
            for start in range(0, len(answers), at_once):
                lake.landing.append_all(answers[start : start + at_once])
            report = lake.land()
        assert report.rows["tracks"] == COUNT, report
        tell(cost, COUNT, written_mb=size(Path(folder) / "home"))


def stream(count: str) -> None:
    """Append pages as they are made and land them all: only the peak memory counts."""
    from tunelake.lake.lake import Lake
    from tunelake.sources.spotify.rows import read_rows

    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home", reader=read_rows)
        with counted() as cost:
            for page in pages(int(count)):
                lake.landing.append(page)
            report = lake.land()
        assert report.rows["tracks"] == int(count), report
        tell(cost, int(count))


def warm_up(folder: Path) -> None:
    """Land one page elsewhere, so that imports and contracts are not counted."""
    from tunelake.lake.lake import Lake
    from tunelake.sources.spotify.rows import read_rows

    lake = Lake(folder / "warm", reader=read_rows)
    for page in pages(50):
        lake.landing.append(page)
    lake.land()


def columns(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the same columns from a decoded answer, as a person who uses dlt would write it."""
    for track in answer["tracks"]:
        album = track["album"]
        yield (
            "tracks",
            {
                "track_id": track["id"],
                "name": track["name"],
                "album_id": album["id"],
                "disc_number": track["disc_number"],
                "track_number": track["track_number"],
                "duration_ms": track["duration_ms"],
                "explicit": track["explicit"],
                "isrc": track["external_ids"].get("isrc"),
                "popularity": track["popularity"],
                "is_local": track["is_local"],
                "preview_url": track["preview_url"],
                "url": track["external_urls"]["spotify"],
            },
        )
        for position, artist in enumerate(track["artists"]):
            yield "track_artists", {"track_id": track["id"], "artist_id": artist["id"], "position": position}
        for artist in track["artists"]:
            yield (
                "artists",
                {
                    "artist_id": artist["id"],
                    "name": artist["name"],
                    "url": artist["external_urls"]["spotify"],
                },
            )
        if track["track_number"] == 1:
            yield (
                "albums",
                {
                    "album_id": album["id"],
                    "name": album["name"],
                    "album_type": album["album_type"],
                    "release_date": album["release_date"],
                    "release_date_precision": album["release_date_precision"],
                    "total_tracks": album["total_tracks"],
                    "url": album["external_urls"]["spotify"],
                    "image_url": album["images"][0]["url"],
                },
            )
            for position, artist in enumerate(album["artists"]):
                yield (
                    "album_artists",
                    {"album_id": album["id"], "artist_id": artist["id"], "position": position},
                )


def dlt() -> None:
    """Let dlt take the columns to Parquet files, one row an object."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DLT_DATA_DIR": folder,
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
        }
        import dlt as library

        answers = list(bodies(COUNT))

        def run(name: str, some: list[bytes]) -> None:
            def rows() -> Iterator[Any]:
                for body in some:
                    for table, row in columns(msgspec.json.decode(body)):
                        yield library.mark.with_table_name(row, table)

            pipeline = library.pipeline(
                name,
                pipelines_dir=f"{folder}/pipelines",
                destination=library.destinations.filesystem(f"file://{folder}/{name}"),
                dataset_name="music",
            )
            pipeline.run(library.resource(rows, name=name), loader_file_format="parquet")

        run("warm", answers[:1])
        with counted() as cost:
            run("bench", answers)
        tell(cost, COUNT, written_mb=size(Path(folder) / "bench"))


def floor() -> None:
    """Find the tokens of each body; write columns that were made before the clock started."""
    import pyarrow as pa
    from pyarrow import parquet

    from tunelake.sources.spotify.rows import read_rows

    found: dict[str, dict[str, list[Any]]] = {}
    answers = []
    for page in pages(COUNT):
        answers.append(page.body)
        for table, read in read_rows(page).tables.items():
            kept = found.setdefault(table, {name: [] for name in read})
            for name, values in read.items():
                kept[name] += [None if value is msgspec.UNSET else value for value in values]
    tables = {name: pa.table(read) for name, read in found.items()}
    del found
    decoder = msgspec.json.Decoder(msgspec.Raw)
    with tempfile.TemporaryDirectory() as folder:
        with counted() as cost:
            for body in answers:
                decoder.decode(body)
            for name, table in tables.items():
                parquet.write_table(
                    table, f"{folder}/{name}.parquet", compression="zstd", compression_level=1
                )
        tell(cost, COUNT, written_mb=size(Path(folder)))


def size(folder: Path) -> float:
    """Add up the files below a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def compare() -> None:
    figures = contest(MODULE, ("tunelake", "without", "together", "dlt", "floor"))
    ours = figures["tunelake"]["cpu"]
    what = {
        "tunelake": "Tunelake: raw answers, fsynced, and typed tables with history",
        "without": "the same without the lists of markets in which tracks and albums can be played",
        "together": f"the same as the first, {AT_ONCE} answers to a write (those within 2 ms share one)",
        "dlt": "dlt: Parquet, same columns less the markets, no raw answers",
        "floor": "floor: find the tokens, write finished columns as Parquet",
    }
    rows = [
        [
            what[name],
            f"{figure['cpu'] * 1e6:.1f} us",
            f"{figure['cpu'] / ours:.2f}",
            f"{figure['wall'] * COUNT:.1f} s",
            f"{figure['peak_mb']:.0f} MB",
            f"{figure['written_mb']:.0f} MB",
        ]
        for name, figure in figures.items()
    ]
    body = next(bodies(50))
    peaks = {count: contest(MODULE, ("stream",), rounds=1, arguments=(count,)) for count in STREAMS}
    told = ", ".join(
        f"{figure['stream']['peak_mb']:.0f} MB for {int(count):,}" for count, figure in peaks.items()
    )
    write(
        "landing",
        f"Landing {COUNT:,} full track objects of {len(body) / 50 / 1000:.1f} KB in pages of 50",
        ["", "CPU a track", "to ours", "whole run", "peak memory", "on disk"],
        rows,
        "Goals: dlt at least 8 times ours; ours at most 1.5 times that without lists of markets, here "
        f"{ours / figures['without']['cpu']:.2f}. Peak memory when pages come one by one: {told} tracks.",
    )


if __name__ == "__main__":
    contestants: dict[str, Callable[..., None]] = {
        "tunelake": tunelake,
        "without": without,
        "together": together,
        "dlt": dlt,
        "floor": floor,
        "stream": stream,
    }
    play(contestants, compare)
