"""One artist out of a million rows with four versions: what it costs to erase it everywhere, and to prove it.

The home has as many rows of tracks as said, in four landings, and the answers they came from. Beside it: what
it costs to read all of that once, by DuckDB over the tables and by decompressing every answer.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.harness import Cost, counted, write
from bench.tracks import pages

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
VERSIONS = 4
"""Each track is told so often, each time with another popularity."""


def fill(home: Path) -> str:
    """Land the tracks version by version; return the artist that is to go."""
    import msgspec

    from tunelake.lake.lake import Lake
    from tunelake.sources.spotify.rows import read_rows

    lake = Lake(home, reader=read_rows)
    artist = ""
    for version in range(VERSIONS):
        for page in pages(ROWS // VERSIONS):
            said = msgspec.json.decode(page.body)
            for track in said["tracks"]:
                track["popularity"] = (track["popularity"] + version) % 101
                # Most of an answer is markets, which no table takes: they would only make the home larger.
                track.pop("available_markets"), track["album"].pop("available_markets", None)
            artist = artist or said["tracks"][0]["artists"][0]["id"]
            told = msgspec.structs.replace(
                page,
                page_id=f"{version}{page.page_id[1:]}",
                fetched_at=page.fetched_at + timedelta(days=version),
                body=msgspec.json.encode(said),
            )
            lake.landing.append(told)
        lake.land()
    return artist


def erase(home: Path, artist: str) -> list[list[str]]:
    """Erase the artist; give a line for each stage."""
    import tunelake
    from tunelake.bootstrap import purging

    product = tunelake.open(home)
    lines: list[list[str]] = []
    marks = [(time.process_time(), time.perf_counter())]

    def stage(name: str, done: int, _: int | None) -> None:
        now = (time.process_time(), time.perf_counter())
        if done:
            lines.append([name, f"{now[0] - marks[0][0]:.2f} s", f"{now[1] - marks[0][1]:.2f} s"])
        marks[0] = now

    with counted() as cost:
        with counted() as finding:
            subject = purging.subject_of(product, artist=artist)
        lines.append(_line("who it is", finding))
        marks[0] = (time.process_time(), time.perf_counter())
        proof = purging.purge(product, subject, stage)
    lines.append(_line("all", cost))
    told = sum(count for place, count in proof.erased.items() if place.startswith("table"))
    lines += [
        ["rows of tables erased", f"{told:,}", ""],
        ["answers changed", f"{proof.erased.get('answers', 0):,}", ""],
        ["bytes written anew", f"{proof.bytes_written / 1e6:.1f} MB", ""],
        ["searched, decoded", f"{proof.size / 1e6:,.0f} MB", ""],
        ["left", str(proof.left), ""],
    ]
    return lines


def beside(home: Path) -> list[list[str]]:
    """Read everything once: tables by DuckDB, answers by decompressing them."""
    from tunelake.lake.lake import Lake

    lake = Lake(home)
    with counted() as tables, lake.connect() as connection:
        connection.execute("CREATE TABLE read AS FROM tracks_history")
    with counted() as answers:
        total = sum(len(stored.page.body) for stored in lake.landing.pages())
    return [
        _line("floor: DuckDB reads the table once", tables),
        _line(f"floor: all answers are decompressed once ({total / 1e6:,.0f} MB)", answers),
    ]


def touched(home: Path, artist: str) -> list[list[str]]:
    """Tell how much of the tables is in files that hold a row of the artist: all that could be left alone."""
    import tunelake
    from tunelake.bootstrap import purging
    from tunelake.lake.contracts.contract import load
    from tunelake.lake.erasure import duckdb_rows, landing_search, log_rows
    from tunelake.lake.history import latest
    from tunelake.lake.landing.landings import landing_of
    from tunelake.lake.tables.delta_tables import DeltaTables
    from tunelake.lake.tables.duckdb_tables import open_memory

    product = tunelake.open(home)
    subject, lake = purging.subject_of(product, artist=artist), product.lake.home
    found = landing_search.saying(landing_of(lake).pages(), subject)
    pages = landing_search.told(lake, [(one.segment, one.offset, one.length) for one in found])
    tables, every, theirs = DeltaTables(lake.tables), 0, 0
    with open_memory(lake) as connection:
        duckdb_rows.prepare(connection, subject, pages)
        for name, contract in load().items():
            for file in tables.files(name):
                told = f"({latest.log(contract, [file])}) AS logged WHERE {log_rows.gone(contract, subject)}"
                size = Path(file).stat().st_size
                every += size
                theirs += size if connection.execute(f"SELECT 1 FROM {told} LIMIT 1").fetchone() else 0  # noqa: S608
    return [["files of tables", f"{every / 1e6:.1f} MB", f"{theirs / 1e6:.1f} MB hold a row of theirs"]]


def _line(name: str, cost: Cost) -> list[str]:
    return [name, f"{cost.cpu:.2f} s", f"{cost.wall:.2f} s"]


def main() -> None:
    """Fill a home, erase one artist, write the table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        artist = fill(home)
        floor = beside(home) + touched(home, artist)
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
        lines = erase(home, artist)
        lines.append(["the home before", f"{size / 1e6:,.0f} MB", ""])
    write(
        "erasure",
        f"One artist out of {ROWS:,} rows of tracks in {VERSIONS} versions, erased everywhere",
        ["stage", "CPU", "wall"],
        [*floor, *lines],
        "Made-up tracks with their answers; nothing was published. The search decodes every file once.",
    )


if __name__ == "__main__":
    main()
