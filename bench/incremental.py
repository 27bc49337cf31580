"""10,000 changes at random keys into a table of a million rows and more, a hundred times over.

What a batch costs the log and the cache together; what compaction and the kept current state cost beside it,
spread over the batches; a cold start with that state and without; then a full aggregate and a point read of
the latest state, beside the same state in one compacted Parquet file. A plain append of each batch is the
floor.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.harness import Cost, contest, counted, play, tell, write

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from tunelake.lake.home import Home

MODULE = "bench.incremental"
SIZES = [int(size) for size in os.environ.get("BENCH_ROWS", "100000,1000000,5000000").split(",")]
BATCHES = int(os.environ.get("BENCH_BATCHES", "100"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CHANGES = 10_000
READS = 20
NIGHT = 10
"""Batches between two maintenances."""
_AGGREGATE = "SELECT album_id[1:2] AS shelf, count(*), avg(popularity), max(duration_ms) FROM {} GROUP BY 1"
_POINT = "SELECT * FROM {} WHERE source = 'made-up' AND track_id = '{}'"


def rows(connection: duckdb.DuckDBPyConnection, numbers: str, batch: int) -> pa.Table:
    """Make rows of the log of tracks: those whose numbers a query gives, as they are in a batch."""
    from tunelake.lake.contracts.contract import load
    from tunelake.lake.contracts.schema import log_schema

    schema = log_schema(load()["tracks"])
    at = datetime(2026, 1, 1, batch // 24 % 24, batch % 60, tzinfo=UTC).isoformat()
    columns = {
        "_key": "(hash('made-up', track_id) >> 1)::BIGINT",
        "_hash": f"(hash(number, {batch}) >> 1)::BIGINT",
        "_absent": "0",
        "_row": "(place % 50)::INTEGER",
        "source": "'made-up'",
        "name": "'Song ' || number",
        "album_id": "md5((number // 10)::VARCHAR)[1:22]",
        "duration_ms": "90000 + number % 300000",
        "explicit": "number % 10 = 0",
        "popularity": f"((number + {batch}) % 101)::INTEGER",
        "url": "'https://example.org/track/' || track_id",
        "observed_at": f"TIMESTAMPTZ '{at}' + INTERVAL 1 DAY * {batch}",
        "rights": "'all'",
        "page_id": f"md5((place // 50)::VARCHAR || '-{batch}')",
        "track_id": "track_id",
    }
    chosen = ", ".join(f'{columns.get(name, "NULL")} AS "{name}"' for name in schema.names)
    named = "number, row_number() OVER () AS place, md5(number::VARCHAR)[1:22] AS track_id"
    made = f"SELECT {chosen} FROM (SELECT {named} FROM ({numbers}))"  # noqa: S608  (our own SQL)
    return connection.sql(f"FROM ({made}) ORDER BY _key").to_arrow_table().cast(schema)


def base(connection: duckdb.DuckDBPyConnection, count: int) -> Iterator[pa.Table]:
    """Make the first rows, some at a time."""
    for start in range(0, count, 250_000):
        stop = min(start + 250_000, count)
        yield rows(connection, f"SELECT range AS number FROM range({start}, {stop})", 0)  # noqa: S608  (numbers)


def changes(connection: duckdb.DuckDBPyConnection, count: int, batch: int) -> pa.Table:
    """Make a batch of changes at random keys."""
    some = f"(hash(range, {batch}) % {count})::BIGINT"
    return rows(connection, f"SELECT DISTINCT {some} AS number FROM range({CHANGES})", batch)  # noqa: S608  (numbers)


def tunelake(count: int) -> None:
    """Append each batch to the log and refresh the cache; then read the cache, then a compacted file."""
    import duckdb

    from tunelake.lake.contracts.contract import load
    from tunelake.lake.home import open_home
    from tunelake.lake.maintenance.duckdb_bases import keep_bases
    from tunelake.lake.tables.delta_tables import DeltaTables
    from tunelake.lake.tables.duckdb_cache import DuckdbCache

    contract = load()["tracks"]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as maker:
        maker.execute("SET TimeZone = 'UTC'")
        home = open_home(Path(folder) / "home")
        tables, cache = DeltaTables(home.tables), DuckdbCache(home)
        for some in base(maker, count):
            tables.append(contract, some, 1)
        cache.refresh("tracks")
        keep_bases(home, 0.0)
        log, fresh, upkeep = Cost(), Cost(), Upkeep()
        before = size(home.root / "tables")
        for batch in range(1, BATCHES + 1):
            some = changes(maker, count, batch)
            with counted() as cost:
                tables.append(contract, some, batch + 1)
            log.cpu += cost.cpu
            with counted() as cost:
                cache.refresh("tracks")
            fresh.cpu += cost.cpu
            maintain(home, batch, upkeep)
        added = size(home.root / "tables") - before - upkeep.compacted
        compact = f"{folder}/compact.parquet"
        order = "ORDER BY source, track_id"
        cache.connection.execute(f"COPY (FROM tracks {order}) TO '{compact}' (COMPRESSION zstd)")
        total = Cost(log.cpu + fresh.cpu, 0.0)
        tell(
            total,
            BATCHES,
            log=log.cpu / BATCHES,
            cache=fresh.cpu / BATCHES,
            mb=added / BATCHES,
            upkeep=upkeep.cpu / BATCHES,
            compacted=upkeep.compacted / BATCHES,
            kept=upkeep.kept / BATCHES,
            **cold(home),
            **reads(cache.connection, maker, compact, count),
        )


@dataclass
class Upkeep:
    """CPU seconds of maintenance, and what it wrote in MB: compacted files, kept states."""

    cpu: float = 0.0
    compacted: float = 0.0
    kept: float = 0.0


def maintain(home: Home, batch: int, upkeep: Upkeep) -> None:
    """Do what a landing does after a batch, and every some batches what maintenance does."""
    from tunelake.lake.contracts.contract import load
    from tunelake.lake.maintenance.delta_upkeep import tidy
    from tunelake.lake.maintenance.duckdb_bases import keep_bases

    before = size(home.root / "tables")
    with counted() as cost:
        tidy(home.tables / "tracks", load()["tracks"])
        kept = keep_bases(home, 0.0) if batch % NIGHT == 0 else []
    upkeep.cpu += cost.cpu
    upkeep.compacted += size(home.root / "tables") - before
    upkeep.kept += sum(one.bytes for one in kept) / 1e6


def cold(home: Home) -> dict[str, float]:
    """Start caches with the kept state, and without."""
    from tunelake.lake.history.snapshot_delta import drop
    from tunelake.lake.tables.duckdb_cache import DuckdbCache

    costs = {}
    for key in ("cold", "cold_log"):
        cache = DuckdbCache(home)
        with counted() as cost:
            cache.refresh("tracks")
        costs[key] = cost.cpu
        cache.close()
        drop(home)
    return costs


def reads(
    cache: duckdb.DuckDBPyConnection, plain: duckdb.DuckDBPyConnection, compact: str, count: int
) -> dict[str, float]:
    """Read the latest state from both, in turn."""
    cost: dict[str, float] = dict.fromkeys(("scan", "scan_file", "point", "point_file"), 0.0)
    file = f"read_parquet('{compact}')"
    for number in range(READS):
        wanted = plain.sql(f"SELECT md5('{number * 7919 % count}')[1:22]").fetchall()
        point = wanted[0][0]
        for key, connection, query in (
            ("scan", cache, _AGGREGATE.format("tracks")),
            ("scan_file", plain, _AGGREGATE.format(file)),
            ("point", cache, _POINT.format("tracks", point)),
            ("point_file", plain, _POINT.format(file, point)),
        ):
            with counted() as spent:
                assert connection.sql(query).fetchall()
            cost[key] += spent.cpu / READS
    return cost


def floor(count: int) -> None:
    """Write each batch as one Parquet file, and nothing else."""
    import duckdb
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as maker:
        cpu = 0.0
        for batch in range(1, BATCHES + 1):
            some = changes(maker, count, batch)
            with counted() as cost:
                parquet.write_table(some, f"{folder}/{batch}.parquet", compression="zstd")
            cpu += cost.cpu
        tell(Cost(cpu, 0.0), BATCHES, mb=size(Path(folder)) / BATCHES)


def size(folder: Path) -> float:
    """Add up the files below a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def compare() -> None:
    lines = []
    for count in SIZES:
        found = contest(MODULE, ("tunelake", "floor"), rounds=ROUNDS, arguments=(str(count),))
        ours, plain = found["tunelake"], found["floor"]
        lines.append(
            [
                f"{count:,}",
                f"{ours['cpu']:.3f} s ({ours['log']:.3f} + {ours['cache']:.3f})",
                f"{ours['mb']:.2f} MB",
                f"{plain['cpu']:.3f} s, {plain['mb']:.2f} MB",
                f"{ours['upkeep']:.3f} s, {ours['compacted']:.2f} + {ours['kept']:.2f} MB",
                f"{ours['cold']:.2f} s ({ours['cold_log']:.2f})",
                f"{ours['scan'] * 1e3:.1f} ms ({ours['scan'] / ours['scan_file']:.2f})",
                f"{ours['point'] * 1e3:.1f} ms ({ours['point'] / ours['point_file']:.2f})",
                f"{ours['peak_mb']:,.0f} MB",
            ]
        )
    write(
        "incremental",
        f"{CHANGES:,} changes at random keys, {BATCHES} times",
        [
            "rows",
            "CPU a batch (log + cache)",
            "written",
            "plain append",
            "maintenance (compacted + kept)",
            "cold start (by the log)",
            "aggregate",
            "point read",
            "peak",
        ],
        lines,
        "In brackets after a read: its cost beside one compacted Parquet file. "
        "Maintenance is spread over the batches. "
        "Goal: at most 0.1 CPU s and 0.8 MB a batch, as much again for the kept state, reads at most 1.0.",
    )


if __name__ == "__main__":
    play({"tunelake": lambda count: tunelake(int(count)), "floor": lambda count: floor(int(count))}, compare)
