"""Landing 40,000 full track objects, in pages of 50, into raw and typed tables: CPU a track.

References, in the same run: dlt to Parquet with the same tables and columns, with and without the lists of
markets (it keeps no raw answers and no history); DuckDB's typed `read_json` to Parquet; and the floor under
anything that reads JSON into Parquet: find the tokens of each body, write finished columns.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
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


def columns(answer: dict[str, Any], *, markets: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the same columns from a decoded answer, as a person who uses dlt would write it.

    Lists of markets become one text: as lists dlt would make a row of a table of its own of each market.
    """

    def lists(thing: dict[str, Any]) -> dict[str, str]:
        return {"markets": ",".join(thing["available_markets"])} if markets else {}

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
            }
            | lists(track),
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
                }
                | lists(album),
            )
            for position, artist in enumerate(album["artists"]):
                yield (
                    "album_artists",
                    {"album_id": album["id"], "artist_id": artist["id"], "position": position},
                )


def dlt(*, markets: bool) -> None:
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
                    for table, row in columns(msgspec.json.decode(body), markets=markets):
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


READ = """
    CREATE TEMP TABLE read AS FROM read_json($file, format = 'newline_delimited', columns = {
        id: VARCHAR, name: VARCHAR, disc_number: INT, track_number: INT, duration_ms: INT, explicit: BOOLEAN,
        external_ids: 'STRUCT(isrc VARCHAR)', popularity: INT, is_local: BOOLEAN, preview_url: VARCHAR,
        external_urls: 'STRUCT(spotify VARCHAR)', available_markets: 'VARCHAR[]',
        artists: 'STRUCT(id VARCHAR, name VARCHAR, external_urls STRUCT(spotify VARCHAR))[]',
        album: 'STRUCT(id VARCHAR, name VARCHAR, album_type VARCHAR, release_date VARCHAR,
            release_date_precision VARCHAR, total_tracks INT, external_urls STRUCT(spotify VARCHAR),
            images STRUCT(url VARCHAR)[], available_markets VARCHAR[], artists STRUCT(id VARCHAR)[])'})
"""
TABLES = {
    "tracks": """
        SELECT id AS track_id, name, album.id AS album_id, disc_number, track_number, duration_ms,
            explicit, external_ids.isrc, popularity, is_local, preview_url,
            external_urls.spotify AS url, available_markets AS markets
        FROM read""",
    "track_artists": """
        SELECT track_id, a.artist.id AS artist_id, a.position FROM (
            SELECT id AS track_id, unnest([{artist: x, position: i - 1} FOR x, i IN artists]) AS a
            FROM read
        )""",
    "artists": """
        SELECT a.id AS artist_id, a.name, a.external_urls.spotify AS url
        FROM (SELECT unnest(artists) AS a FROM read)""",
    "albums": """
        SELECT album.id AS album_id, album.name, album.album_type, album.release_date,
            album.release_date_precision, album.total_tracks, album.external_urls.spotify AS url,
            album.images[1].url AS image_url, album.available_markets AS markets
        FROM read WHERE track_number = 1""",
    "album_artists": """
        SELECT album_id, a.artist.id AS artist_id, a.position FROM (
            SELECT album.id AS album_id,
                unnest([{artist: x, position: i - 1} FOR x, i IN album.artists]) AS a
            FROM read WHERE track_number = 1
        )""",
}


class _Page(msgspec.Struct):
    tracks: list[msgspec.Raw]


def duckdb() -> None:
    """Let DuckDB read a file of tracks, one a line (pages cost it far more), typed, and write Parquet."""
    import duckdb as library

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "tracks.ndjson")
        tracks = (track for body in bodies(COUNT) for track in msgspec.json.decode(body, type=_Page).tracks)
        file.write_bytes(b"\n".join(map(bytes, tracks)))
        with counted() as cost, library.connect() as connection:
            connection.execute(READ, {"file": str(file)})
            for name, query in TABLES.items():
                connection.execute(
                    f"COPY ({query}) TO '{folder}/{name}.parquet' (COMPRESSION zstd, COMPRESSION_LEVEL 1)"
                )
            ((count,),) = connection.execute("SELECT count(*) FROM read").fetchall()
        assert count == COUNT, count
        tell(
            cost, COUNT, written_mb=sum(path.stat().st_size for path in Path(folder).glob("*.parquet")) / 1e6
        )


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
    figures = contest(MODULE, ("tunelake", "without", "together", "dlt", "dlt_without", "duckdb", "floor"))
    ours = figures["tunelake"]["cpu"]
    what = {
        "tunelake": "Tunelake: raw answers, fsynced, and typed tables with history",
        "without": "the same without the lists of markets in which tracks and albums can be played",
        "together": f"the same as the first, {AT_ONCE} answers to a write (those within 2 ms share one)",
        "dlt": "dlt: Parquet, same columns (a list of markets as one text), no raw answers, no history",
        "dlt_without": "the same without the lists of markets",
        "duckdb": "DuckDB: typed read_json of one track a line, Parquet, same columns, no raw answers",
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

    def times(reference: str, mine: str) -> str:
        return f"{figures[reference]['cpu'] / figures[mine]['cpu']:.1f}"

    peaks = {count: contest(MODULE, ("stream",), rounds=1, arguments=(count,)) for count in STREAMS}
    told = ", ".join(
        f"{figure['stream']['peak_mb']:.0f} MB for {int(count):,}" for count, figure in peaks.items()
    )
    write(
        "landing",
        f"Landing {COUNT:,} full track objects of {len(body) / 50 / 1000:.1f} KB in pages of 50",
        ["", "CPU a track", "to ours", "whole run", "peak memory", "on disk"],
        rows,
        f"dlt is {times('dlt', 'tunelake')} times ours, {times('dlt', 'together')} times where {AT_ONCE} "
        f"answers share a write, {times('dlt_without', 'without')} times where both leave the markets out. "
        "Goals: dlt at least 8 times ours; ours at most 1.5 times that without lists of markets, here "
        f"{ours / figures['without']['cpu']:.2f}. Peak memory when pages come one by one: {told} tracks.",
    )


if __name__ == "__main__":
    contestants: dict[str, Callable[..., None]] = {
        "tunelake": tunelake,
        "without": without,
        "together": together,
        "dlt": partial(dlt, markets=True),
        "dlt_without": partial(dlt, markets=False),
        "duckdb": duckdb,
        "floor": floor,
        "stream": stream,
    }
    play(contestants, compare)
