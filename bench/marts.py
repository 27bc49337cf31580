"""Marts of 100,000 artists and 5 million tracks: a full run, one more day, genre by month over 20 M rows.

`python -m bench.marts --artists 1000 --rows 200000` runs small; so does BENCH_ARTISTS=1000. `--only genres`
or `--only marts` runs one side alone. The logs of a home's tables are made from numbers; all but Sail, who
gets the current tables as Parquet files, start from them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.harness import contest, counted, tell, write
from bench.mart_rows import MONTHS, TRACKS_OF_ARTIST, logged, snapshots, tables

MODULE = "bench.marts"


class Home:
    """A home whose tables' logs are made from numbers: what lands is one commit a table."""

    def __init__(self, folder: Path, artists: int) -> None:
        # What is loaded once is no cost of a run.
        import sqlglot  # noqa: F401

        import tunelake.work.build  # noqa: F401
        from tunelake.lake.lake import Lake

        self.lake = Lake(folder / "home")
        if artists:
            self.land(tables(artists))

    def land(self, rows: Iterator[tuple[str, str]]) -> None:
        """Append rows to the logs, as the lander does."""
        from tunelake.lake.contracts.contract import load
        from tunelake.lake.contracts.schema import log_schema
        from tunelake.lake.tables.delta_tables import DeltaTables
        from tunelake.lake.tables.duckdb_tables import open_memory

        logs = DeltaTables(self.lake.home.tables)
        with open_memory(self.lake.home) as connection:
            for name, query in rows:
                contract = load()[name]
                schema = log_schema(contract)
                found = connection.sql(f"from ({logged(contract, query)}) order by _key").to_arrow_table()
                logs.append(contract, found.select(schema.names).cast(schema), logs.position(name) + 1)

    def run(self) -> Any:  # noqa: ANN401  (a report)
        """Run the marts as a process that has just started."""
        from tunelake.mart.run import run_marts
        from tunelake.work.build import engine

        with engine(self.lake) as sql:
            return run_marts(sql, models())


def models() -> list[Any]:
    from tunelake.mart.run import standard_models

    return [model for model in standard_models() if not model.name.startswith("listening")]


def day(artists: int) -> Iterator[tuple[str, str]]:
    """Give what one more day brings: 1 % of the artists are seen again, a tenth of them with a new album."""
    yield from tables(artists, first=1, tag=" of a day", share=100)


def ours(artists: str) -> None:
    """Tunelake: all marts, with their checks, kept as Delta tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), int(artists))
        with counted() as cost:
            report = home.run()
        tell(cost, 1, rows=sum(report.rows.values()), checks=report.checks)


def by_hand(artists: str) -> None:
    """The same SELECTs in order over the current tables, each into a Parquet file, without checks."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), int(artists))
        with counted() as cost, home.lake.connect() as connection:
            for name in sorted(inputs()):
                connection.execute(f'create temp table "{name}" as from "{name}"')
            for model in models():
                connection.execute(f'create temp table "{model.name}" as {model.sql}')
                path = f"{folder}/{model.name}.parquet"
                connection.execute(
                    f"copy \"{model.name}\" to '{path}' (compression zstd, compression_level 1)"
                )
        tell(cost, 1)


def inputs() -> set[str]:
    """Name the tables that models read as they are now: also a person would work them out once."""
    from tunelake.lake.contracts.contract import load

    return {name for model in models() for name in model.reads} & load().keys()


def one_more_day(artists: str) -> None:
    """Tunelake again, after one more day."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), int(artists))
        home.run()
        home.land(day(int(artists)))
        # In a process of its own, as a daily job is: one that has let go of gigabytes is slow with memory.
        command = [sys.executable, "-m", MODULE, "next_run", folder]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def next_run(folder: str) -> None:
    """Run the marts of a home again."""
    home = Home(Path(folder), 0)
    with counted() as cost:
        report = home.run()
    part = sum(model.action == "part" for model in report.models)
    assert part > 5, report
    for model in report.models:
        print(model)
    tell(cost, 1, partly=part)


def on_sail(artists: str) -> None:
    """Sail over Parquet files of the same tables: each model into a folder; the server's work counts."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    from tunelake.lake.contracts.contract import load
    from tunelake.mart.translate import translated

    with tempfile.TemporaryDirectory() as folder:
        with Home(Path(folder), int(artists)).lake.connect() as connection:
            for name in load():
                connection.execute(f"copy (from {name}) to '{folder}/{name}.parquet' (compression zstd)")
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        session = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        for name in load():
            rows = session.read.parquet(f"{folder}/{name}.parquet")
            rows.createOrReplaceTempView(name)
            rows.createOrReplaceTempView(f"{name}_history")
        with counted() as cost:
            for model in models():
                session.sql(translated(model.sql, "spark")).write.parquet(f"{folder}/out/{model.name}")
                session.read.parquet(f"{folder}/out/{model.name}").createOrReplaceTempView(model.name)
        leave(cost)


def leave(cost: Any) -> None:  # noqa: ANN401  (a cost)
    """Tell, and end at once: Sail's server has no end of its own."""
    tell(cost, 1)
    sys.stdout.flush()
    os._exit(0)


INPUTS = ("artist_trends", "artist_profile")


def genres_ours(rows: str) -> None:
    """The model genre_trends through the engine, with its checks."""
    import duckdb

    from tunelake.mart.duckdb_engine import DuckdbEngine
    from tunelake.mart.run import run_marts

    with tempfile.TemporaryDirectory() as folder:
        snapshots(Path(folder), int(rows))
        (model,) = (model for model in models() if model.name == "genre_trends")
        connection = duckdb.connect()
        for name in INPUTS:
            connection.execute(f"create view {name} as from '{folder}/{name}.parquet'")
        with counted() as cost:
            report = run_marts(DuckdbEngine(connection, lambda *_: None), [model])
        tell(cost, 1, rows=report.rows["genre_trends"])


def genres_by_hand(rows: str) -> None:
    """What a person would write in DuckDB."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        snapshots(Path(folder), int(rows))
        with counted() as cost:
            found = duckdb.execute(
                f"""
                with g as (
                  select distinct entity_id, lower(unnest(genres)) as genre
                  from '{folder}/artist_profile.parquet'
                )
                select genre, month, count(*), avg(popularity), sum(followers)
                from '{folder}/artist_trends.parquet' join g using (entity_id) group by genre, month
                """  # noqa: S608  (a folder of ours)
            ).fetchall()
        tell(cost, 1, rows=len(found))


def genres_polars(rows: str) -> None:
    """What a person would write in Polars."""
    import polars as pl

    with tempfile.TemporaryDirectory() as folder:
        snapshots(Path(folder), int(rows))
        with counted() as cost:
            genres = (
                pl.scan_parquet(f"{folder}/artist_profile.parquet")
                .explode("genres")
                .select("entity_id", pl.col("genres").str.to_lowercase().alias("genre"))
                .unique()
            )
            found = (
                pl.scan_parquet(f"{folder}/artist_trends.parquet")
                .join(genres, on="entity_id")
                .group_by("genre", "month")
                .agg(pl.len(), pl.col("popularity").mean(), pl.col("followers").sum())
                .collect(engine="streaming")
            )
        tell(cost, 1, rows=found.height)


def genres_sail(rows: str) -> None:
    """The model genre_trends on Sail."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    from tunelake.mart.translate import translated

    with tempfile.TemporaryDirectory() as folder:
        snapshots(Path(folder), int(rows))
        (model,) = (model for model in models() if model.name == "genre_trends")
        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        session = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
        for name in INPUTS:
            session.read.parquet(f"{folder}/{name}.parquet").createOrReplaceTempView(name)
        with counted() as cost:
            session.sql(translated(model.sql, "spark")).toArrow()
        leave(cost)


CONTESTANTS = {
    "ours": ours,
    "by_hand": by_hand,
    "one_more_day": one_more_day,
    "on_sail": on_sail,
    "genres_ours": genres_ours,
    "genres_by_hand": genres_by_hand,
    "genres_polars": genres_polars,
    "genres_sail": genres_sail,
}


def compare() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artists", type=int, default=int(os.environ.get("BENCH_ARTISTS", "100000")))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--rows", type=int, help=f"snapshot rows; {MONTHS} months of each artist when not said"
    )
    parser.add_argument("--only", choices=("marts", "genres"))
    told = parser.parse_args()
    artists = told.artists
    rows = told.rows or artists * MONTHS
    sides = {
        "marts": (list(CONTESTANTS)[:4], artists, "by_hand"),
        "genres": (list(CONTESTANTS)[4:], rows, "genres_by_hand"),
    }
    asked = [told.only] if told.only else list(sides)
    lines = []
    for names, size, reference in (sides[side] for side in asked):
        figures = contest(MODULE, names, rounds=told.rounds, arguments=(str(size),))
        for name in names:
            cpu, wall, peak = (figures[name][key] for key in ("cpu", "wall", "peak_mb"))
            ratio = cpu / figures[reference]["cpu"]
            what = (CONTESTANTS[name].__doc__ or "").strip()
            lines.append([what, f"{cpu:.2f} s", f"{ratio:.2f}", f"{wall:.1f} s", f"{peak:.0f} MB"])
    write(
        "-".join(["marts", *([told.only] if told.only else [])]),
        f"Marts of {artists:,} artists and {artists * TRACKS_OF_ARTIST:,} tracks; "
        f"genre by month over {rows:,} rows",
        ["", "CPU", "to by hand", "wall", "peak memory"],
        lines,
        "Goals: a full run at most 1.2 times by hand; one more day at most 5 % of a full run.",
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["next_run"]:
        next_run(sys.argv[2])
    elif sys.argv[1:2] and sys.argv[1] in CONTESTANTS:
        CONTESTANTS[sys.argv[1]](*sys.argv[2:])
    else:
        compare()
