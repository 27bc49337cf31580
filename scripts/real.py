"""Take a catalogue of real music all the way: sandbox, HTTP, lake, marts, stores; then compare every count.

Prepares the catalogue from the folder of real data (see `real_catalogue.py`), serves it, collects all of
it over HTTP, builds, and collects once more, which must change nothing. Exits 1 when a count differs.
Similar artists need a right to model this content: if you hold it, state TUNELAKE_RIGHTS=spotify:model.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from scripts import real_catalogue

REPOSITORY = Path(__file__).resolve().parent.parent
PARTS = "albums,tracks,top-tracks,features,related"
TUNELAKE = [sys.executable, "-m", "tunelake"]
STAGES = ("catalogue", "lake", "marts", "stores")

Counts = dict[str, int]
Document = dict[str, Any]
Run = Callable[..., Document]

# What each table of the lake, mart and store must hold, told by the catalogue's files alone.
_CATALOGUE = """
with heard as (select track_id, album_id, unnest(artist_ids) as artist_id from tracks)
select
  (select count(*) from artists) as artists,
  (select sum(len(list_distinct(genres))) from artists)::bigint as artist_genres,
  (select count(*) from albums) as albums,
  (select count(distinct (album_id, artist_id)) from heard) as album_artists,
  (select count(*) from tracks) as tracks,
  (select count(*) from heard) as track_artists,
  (select sum(least(n, 10)) from (select count(*) as n from heard group by artist_id))::bigint as top_tracks,
  (select count(*) from features) as audio_features,
  (select count(*) from playlists) as playlists,
  (select count(*) from playlist_items) as playlist_items,
"""
_MARTS = """
select
  (select count(*) from artist_profile) as artists,
  (select sum(len(genres)) from artist_profile)::bigint as artist_genres,
  (select count(distinct album_id) from discography) as albums,
  (select count(*) from discography) as album_artists,
  (select sum(tracks) from artist_profile)::bigint as track_artists,
  (select count(*) from artist_top_tracks) as top_tracks,
"""
_STORES = """
select
  (select count(*) from artists) as artists,
  (select count(*) from artist_genres) as artist_genres,
  (select count(distinct album_id) from albums) as albums,
  (select count(*) from albums) as album_artists,
  (select count(*) from top_tracks) as top_tracks
"""


def main() -> int:
    """Run for a person."""
    options = _options()
    try:
        with tempfile.TemporaryDirectory() as folder:
            say(f"preparing the catalogue from {options.shared}")
            real_catalogue.prepare(options.shared, Path(folder))
            report = go(Path(folder), options.home, options.port)
    except FileNotFoundError as error:
        say(f"the real data are not there: no file {error}. Give their folder: make real ARGS=FOLDER")
        return 2
    except subprocess.CalledProcessError as error:
        say(f"`tunelake {' '.join(error.cmd[len(TUNELAKE) :])[:60]}` ended with exit code {error.returncode}")
        return 4
    print(json.dumps(report, indent=2) if options.json else as_text(report))
    return 1 if report["differences"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("shared", type=Path, nargs="?", default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--home", type=Path, default=Path("tunelake-real"), help="default: ./tunelake-real")
    parser.add_argument("--port", type=int, default=0, help="of the sandbox; default: a free one")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


def go(catalogue: Path, home: Path, port: int) -> Document:
    """Collect, build, collect again, count.

    Raises:
        subprocess.CalledProcessError: A command of Tunelake did not end well.
    """
    artists, playlists = ids(catalogue, "artists"), ids(catalogue, "playlists")
    seconds: dict[str, float] = {}
    with sandbox(catalogue, port) as ready:
        run = runner(home, ready)

        def timed(stage: str, *words: str) -> Document:
            say(f"{stage} ...")
            start = time.perf_counter()
            told = run(*words)
            seconds[stage] = round(time.perf_counter() - start, 1)
            return told

        commands = {
            "artists": ("collect", "artists", *_each("--id", artists), "--with", PARTS),
            "playlists": ("collect", "playlists", *_each("--id", playlists)),
        }
        calls = {what: timed(f"collect {what}", *words)["calls"] for what, words in commands.items()}
        built = timed("build", "build")
        again = [timed(f"collect {what} again", *words) for what, words in commands.items()]
    counts = {
        "catalogue": catalogue_counts(catalogue),
        "lake": run("sql", lake_query(catalogue)),
        "marts": run("sql", _MARTS),
        "stores": store_counts(home),
    }
    differences = compare(counts)
    differences += [f"collecting again changed {sum(one['landed']['rows'].values())} rows" for one in again
                    if one["landed"]["rows"]]  # fmt: skip
    return {
        "counts": counts,
        "differences": differences,
        "calls": calls | {"again": sum(one["calls"] for one in again)},
        "seconds": seconds,
        "neighbours": built["similar"]["neighbours"],
        "left_out": built["similar"]["left_out"],
        "home": str(home),
        "api_url": ready["api_url"],
    }


def say(text: str) -> None:
    """Tell a person something that is not the result."""
    print(text, file=sys.stderr, flush=True)


def ids(catalogue: Path, table: str) -> list[str]:
    """The ids of a table of the catalogue."""
    import duckdb

    rows = duckdb.read_parquet(str(catalogue / f"{table}.parquet")).project(f"{table[:-1]}_id").fetchall()
    return [row[0] for row in rows]


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


@contextmanager
def sandbox(catalogue: Path, port: int) -> Iterator[dict[str, str]]:
    """Serve the catalogue as a process of its own."""
    command = [*TUNELAKE, "sandbox", "serve", "--catalogue", str(catalogue), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise subprocess.CalledProcessError(process.wait(), command)
            yield json.loads(line)
        finally:
            process.terminate()


def runner(home: Path, ready: dict[str, str]) -> Run:
    """A function that runs a command on the home and gives its JSON, of rows the first."""
    names = ("api_url", "accounts_url", "client_id", "client_secret")
    environ = os.environ | {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in names}
    environ["TUNELAKE_HOME"] = str(home.absolute())

    def run(*words: str) -> Document:
        command = [*TUNELAKE, *words, "--json"]
        told = json.loads(subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True).stdout)
        document: Document = told[0] if isinstance(told, list) else told
        return document

    return run


def catalogue_counts(catalogue: Path) -> Counts:
    """What the files hold."""
    import duckdb

    with duckdb.connect() as connection:
        for name in real_catalogue.EXPECTED:
            connection.read_parquet(str(catalogue / f"{name}.parquet")).create_view(name)
        found = connection.sql(_CATALOGUE)
        return dict(zip(found.columns, found.fetchall()[0], strict=True))


def lake_query(catalogue: Path) -> str:
    """One SELECT that counts the same tables in the lake."""
    counted = (f"(select count(*) from {name}) as {name}" for name in catalogue_counts(catalogue))  # noqa: S608  (our own names)
    return f"select {', '.join(counted)}"


def store_counts(home: Path) -> Counts:
    """What the stores hold: rows in SQLite, documents in LMDB."""
    from tunelake.publish.lmdb_store import LmdbDocuments

    with closing(sqlite3.connect(home / "serving" / "catalogue.db")) as database:
        found = database.execute(_STORES)
        counts = dict(zip((column[0] for column in found.description), found.fetchone(), strict=True))
    documents = LmdbDocuments(home / "serving" / "documents.lmdb")
    try:
        return counts | {"documents": documents.count()}
    finally:
        documents.close()


def compare(counts: dict[str, Counts]) -> list[str]:
    """Say where a stage holds another number than the catalogue; an artist has one document."""
    truth = counts["catalogue"] | {"documents": counts["catalogue"]["artists"]}
    return [
        f"{stage}: {found} {name} where the catalogue has {truth[name]}"
        for stage in STAGES
        for name, found in counts[stage].items()
        if found != truth[name]
    ]


def as_text(report: Document) -> str:
    """The report for people."""
    counts = report["counts"]
    names = [*counts["catalogue"], "documents"]
    lines = [f"{'':16}" + "".join(f"{stage:>12}" for stage in STAGES)]
    lines += [
        f"{name:16}" + "".join(f"{counts[stage].get(name, ''):>12}" for stage in STAGES) for name in names
    ]
    calls = ", ".join(f"{what} {number:,}" for what, number in report["calls"].items())
    times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report["seconds"].items())
    lines += ["", f"calls: {calls}", times, f"similar artists: {report['neighbours']:,} pairs"]
    lines += [f"  {words}" for words in report["left_out"]]
    lines += [f"DIFFERS: {words}" for words in report["differences"]] or ["every count agrees"]
    lines += [f'look around: TUNELAKE_HOME={report["home"]} tunelake sql "from artist_profile limit 5"']
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
