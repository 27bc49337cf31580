"""The SQL engine of a cluster: any server of Spark Connect, over the same Delta tables.

The server has to see the lake under the same path or address: it reads the tables there, and puts what it
computes into a folder of the lake from where it is read again.
"""

from __future__ import annotations

import re
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tunelake.errors import ConfigError, Fatal, how_to_install
from tunelake.lake.contracts.contract import Contract, load, logged
from tunelake.lake.history import latest
from tunelake.lake.home import Home
from tunelake.lake.places.place import Place
from tunelake.mart.model import tables_read
from tunelake.mart.translate import translated

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_SECONDS_TO_CONNECT = 10
_PORT = 15002
_TYPES = {
    "string": "string",
    "int32": "int",
    "int64": "bigint",
    "float64": "double",
    "bool": "boolean",
    "timestamp": "timestamp",
}


class SparkEngine:
    """An `Engine` on a Spark Connect session that sees the tables at given versions.

    Args:
        session: The session.
        home: The home, as the server sees its lake too.
        versions: Version of each table that is read; -1 for one that does not exist.
        write: Keeps a mart, whole, for example `Lake.write_mart`.
    """

    def __init__(
        self,
        session: SparkSession,
        home: Home,
        versions: Mapping[str, int],
        write: Callable[[str, pa.Table], None],
    ) -> None:
        self._session = session
        self._folder = home.at("spill") / f"spark-{uuid.uuid4().hex}"
        self._write = write
        self._staged: set[str] = set()
        for name, contract in load().items():
            self._see(contract, _seen(home.tables / name), versions[name])

    def _see(self, contract: Contract, path: str, version: int) -> None:
        """Make the views of a table: its log, what people see of that, and the current state."""
        log = f"{contract.table}_log"
        with _translated_errors(f"table {contract.table} cannot be read"):
            self._log(contract, path, version).createOrReplaceTempView(log)
        self._view(contract.table, latest.current(contract, log))
        self._view(f"{contract.table}_history", latest.history(contract, log))

    def _log(self, contract: Contract, path: str, version: int) -> DataFrame:
        present: Any = None
        have: set[str] = set()
        if version >= 0:
            present = self._session.read.format("delta").option("versionAsOf", version).load(path)
            have = set(present.columns)
        columns = [
            f"`{column.name}`"
            if column.name in have
            else f"cast(null as {_TYPES[column.type]}) as `{column.name}`"
            for column in logged(contract)
        ]
        if present is None:
            return self._session.sql(f"select {', '.join(columns)} where false")
        return present.selectExpr(*columns)  # type: ignore[no-any-return]  # a frame of either kind

    def _view(self, name: str, sql: str) -> None:
        with _translated_errors(f"Spark could not make the view {name}"):
            self._session.sql(translated(sql, "spark")).createOrReplaceTempView(name)

    def select(self, sql: str) -> pa.Table:
        """Run a SELECT of DuckDB's dialect; see `Engine`."""
        with _translated_errors(f"Spark could not run `{sql.strip().partition(chr(10))[0][:120]}`"):
            return self._session.sql(translated(sql, "spark")).toArrow()

    def build(self, name: str, sql: str) -> int:
        """Compute a model once, into a folder of the home; see `Engine`."""
        for table in sorted((tables_read(name, sql) & load().keys()) - self._staged):
            # What is now is worked out once, not by each model that asks for it.
            self._put(table, f"select * from {table}")  # noqa: S608  (a table's name)
            self._staged.add(table)
        self._put(name, translated(sql, "spark"))
        return int(self.table(name).num_rows)

    def _put(self, name: str, sql: str) -> None:
        path = _seen(self._folder / name)
        with _translated_errors(f"Spark could not build {name}"):
            rows = self._session.sql(sql)
            rows.write.mode("overwrite").parquet(path)
            # The schema is told: a result without rows may leave no file that tells it.
            self._session.read.schema(rows.schema).parquet(path).createOrReplaceTempView(name)

    def table(self, name: str) -> pa.Table:
        """Read a mart that was built here, or a table; see `Engine`."""
        place = self._folder / name
        found = [f"{place.uri}/{file.name}" for file in place.files() if file.name.endswith(".parquet")]
        files = place.local(found)
        return read_files(files) if files else self.select(f"select * from {name}")  # noqa: S608  (a table's name)

    def has(self, name: str) -> bool:
        """Tell whether there is a table or mart of that name; see `Engine`."""
        with _translated_errors("Spark cannot be asked for its tables"):
            return bool(self._session.catalog.tableExists(name))

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a mart; see `Engine`."""
        self._write(name, table)

    def close(self) -> None:
        """Remove what was computed."""
        self._folder.clear()


def _seen(place: Place) -> str:
    """Give the address of a place as servers of Spark know it."""
    return re.sub(r"^s3:", "s3a:", place.uri)


def read_files(files: list[str]) -> pa.Table:
    """Read Parquet files of a server; Apache Spark writes times in an old form, without a zone."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    rows = ds.dataset(files, format="parquet").to_table()
    in_utc = pa.timestamp("us", tz="UTC")
    schema = [
        field.with_type(in_utc) if pa.types.is_timestamp(field.type) else field for field in rows.schema
    ]
    return rows.cast(pa.schema(schema))


@contextmanager
def spark_engine(
    remote: str, home: Home, versions: Mapping[str, int], write: Callable[[str, pa.Table], None]
) -> Iterator[SparkEngine]:
    """Open an engine on a Spark Connect server.

    Args:
        remote: Its address, "sc://host:port".
        home: The home, as the server sees it too.
        versions: Version of each table that is read.
        write: Keeps a mart.

    Raises:
        ConfigError: Nobody answers there, or the Python package is missing.
        Fatal: The server refuses.
    """
    _answers(remote)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigError(f"Spark needs the extra `spark`: {how_to_install('spark')}") from error
    with _translated_errors(f"no session at {remote}"):
        # A session of its own: views of two runs never meet.
        session = SparkSession.builder.remote(remote).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
    engine: SparkEngine | None = None
    try:
        engine = SparkEngine(session, home, versions, write)
        yield engine
    finally:
        if engine is not None:
            engine.close()
        session.stop()


def _answers(remote: str) -> None:
    """Look whether somebody listens: the client itself would try for minutes."""
    found = re.fullmatch(r"sc://(\[.+\]|[^/:;]+)(?::(\d+))?(?:[/;].*)?", remote)
    if found is None:
        raise ConfigError(f"TUNELAKE_SPARK_REMOTE is {remote!r}, but must be like sc://host:15002")
    try:
        port = int(found[2] or _PORT)
        socket.create_connection((found[1].strip("[]"), port), _SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"no Spark Connect server answers at {remote}: {error}") from error


@contextmanager
def _translated_errors(what: str) -> Iterator[None]:
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise Fatal(f"{what}: {str(error)[:2000]}") from error
