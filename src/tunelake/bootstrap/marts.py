"""Marts of a home: run, planned, traced and checked on every engine that is configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal

import msgspec

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import ConfigError, Retryable
from tunelake.lake.lake import Lake
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.mart.building import known
from tunelake.mart.delta_memory import DeltaMemory
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.engines import EngineReport, check_engines
from tunelake.mart.lineage import Traced, trace
from tunelake.mart.model import Model, needed
from tunelake.mart.plan import Step, plan
from tunelake.mart.rights import MartRights, mart_rights, refusals
from tunelake.mart.run import MartReport, run_marts, standard_models
from tunelake.mart.under import tables_under
from tunelake.work.build import engine

if TYPE_CHECKING:
    import pyarrow as pa

    from tunelake.mart.ports import Engine

Progress = Callable[[str, int, int | None], None]
EngineName = Literal["duckdb", "spark"]
_TRIES = 5


def models_of(tunelake: Tunelake, names: Sequence[str] = ()) -> list[Model]:
    """Read the shipped models and those of the folder `models` in the home, in the order they run.

    Args:
        tunelake: The home.
        names: Only these, and what they need; all when empty.

    Raises:
        ConfigError: A model cannot be read, or there is none of that name.
    """
    models = standard_models(tunelake.lake.home.root / "models")
    return needed(models, names) if names else models


def run(
    tunelake: Tunelake, names: Sequence[str] = (), *, full: bool = False, on: EngineName = "duckdb"
) -> MartReport:
    """Build the marts that changed, or those named and what they need; see `mart.run.run_marts`.

    Raises:
        ConfigError: There is no such model, or no such engine is configured.
        Fatal: A model cannot run, or does not hold what it promises.
    """
    models, stated = models_of(tunelake, names), tunelake.settings.rights
    if on == "duckdb":
        with engine(tunelake.lake) as sql:
            return run_marts(sql, models, full=full, stated=stated)
    remote = tunelake.settings.spark_remote
    if not remote:
        raise ConfigError(
            "no Spark is configured: set TUNELAKE_SPARK_REMOTE, for example sc://localhost:15002"
        )
    from tunelake.mart.spark_engine import spark_engine

    memory = DeltaMemory(tunelake.lake.home, tunelake.lake.write_mart)
    with spark_engine(remote, tunelake.lake.home, memory.versions(), tunelake.lake.write_mart) as spark:
        return run_marts(spark, models, stated=stated)


def planned(tunelake: Tunelake, names: Sequence[str] = ()) -> list[Step]:
    """Tell what a run would do and why, without doing it."""
    models = models_of(tunelake, names)
    return plan(models, known(DeltaMemory(tunelake.lake.home, tunelake.lake.write_mart), models))


class Lineage(msgspec.Struct, frozen=True):
    """Where the columns of a mart come from, and what may be done with it."""

    traced: Traced
    rights: MartRights


def lineage(tunelake: Tunelake, names: Sequence[str] = ()) -> list[Lineage]:
    """Trace marts to the columns of the contracts, and tell their rights as the tables are now.

    Raises:
        ConfigError: There is no such model, or a model cannot be traced.
    """
    models = models_of(tunelake)
    wanted = set(names) or {model.name for model in models}
    needed(models, wanted)
    with engine(tunelake.lake) as sql:
        under = tables_under(sql)
    traced = trace(models)
    return [
        Lineage(traced[model.name], mart_rights(traced[model.name], under, tunelake.settings.rights))
        for model in models
        if model.name in wanted
    ]


def exported(tunelake: Tunelake, name: str) -> pa.Table:
    """Read a mart to take it elsewhere.

    Raises:
        ConfigError: There is no such mart, it was not built yet, or its rights do not allow it: the
            message says which columns, and what the operator can state.
    """
    (found,) = lineage(tunelake, [name])
    rows = tunelake.sql(f'from "{name}"')
    tags: set[str] | None = None
    if found.rights.by_row:
        tags = {tag for told in rows.column("rights").unique().to_pylist() for tag in told.split("+")}
    barred = refusals(found.rights, "export", tunelake.settings.rights, tags)
    if barred:
        raise ConfigError("\n".join(barred))
    return rows


def described(tunelake: Tunelake) -> str:
    """Write the data dictionary of the marts; types are of those that are kept."""
    from tunelake.mart.dictionary import dictionary

    kept = DeltaTables(tunelake.lake.home.marts)
    types = {name: {field.name: str(field.type) for field in kept.schema(name)} for name in kept.names()}
    return dictionary(models_of(tunelake), types)


@contextmanager
def _pinned(lake: Lake) -> Iterator[tuple[DuckdbEngine, dict[str, int]]]:
    """Open DuckDB over the tables at versions that are known, so that others can read the same.

    Raises:
        Retryable: Somebody lands without a break.
    """
    for _ in range(_TRIES):
        before = dict(DeltaMemory(lake.home, lake.write_mart).versions())
        connection = lake.connect()
        if before == DeltaMemory(lake.home, lake.write_mart).versions():
            try:
                yield DuckdbEngine(connection, lake.write_mart), before
            finally:
                connection.close()
            return
        connection.close()
    raise Retryable("the tables change all the time: run again when nothing is landing")


def check(tunelake: Tunelake, progress: Progress) -> EngineReport:
    """Run every model on each configured engine and compare; see `mart.engines.check_engines`.

    Raises:
        ConfigError: A configured engine does not answer.
        Fatal: A model does not run on an engine.
        Retryable: Somebody lands without a break.
    """
    models, remote = models_of(tunelake), tunelake.settings.spark_remote
    with ExitStack() as stack:
        duckdb, versions = stack.enter_context(_pinned(tunelake.lake))
        engines: dict[str, Engine] = {"duckdb": duckdb}
        if remote:
            from tunelake.mart.spark_engine import spark_engine

            opened = spark_engine(remote, tunelake.lake.home, versions, tunelake.lake.write_mart)
            engines["spark"] = stack.enter_context(opened)
        return check_engines(engines, models, versions, progress)
