"""Everything after collecting, in order: land, marts, similar artists, stores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from tunelake.lake.lake import Lake
from tunelake.lake.lander import LandReport
from tunelake.mart.delta_memory import DeltaMemory
from tunelake.mart.duckdb_engine import DuckdbEngine
from tunelake.mart.model import Model
from tunelake.mart.run import MartReport, run_marts, standard_models
from tunelake.publish.run import PublishReport, publish_all
from tunelake.similar.run import SimilarReport, run_similar
from tunelake.work.stores import Stores

Progress = Callable[[str, int, int | None], None]
STAGES = ("land", "marts", "similar", "publish")


class BuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a build did, stage by stage; `seconds` by stage."""

    landed: LandReport
    marts: MartReport
    similar: SimilarReport
    published: PublishReport
    seconds: dict[str, float]


def models_of(lake: Lake) -> list[Model]:
    """Read the models that ship, and those of the operator: files in the folder `models` of the home."""
    return standard_models(lake.home.root / "models")


@contextmanager
def engine(lake: Lake) -> Iterator[DuckdbEngine]:
    """Open the SQL engine of this machine over the lake as it is now."""
    # The memory looks first: what lands meanwhile is done again, never left out.
    memory = DeltaMemory(lake.home, lake.write_mart)
    connection = lake.connect()
    try:
        yield DuckdbEngine(connection, lake.write_mart, memory)
    finally:
        connection.close()


def build(
    lake: Lake, stores: Stores, *, stated: tuple[str, ...], market: str, progress: Progress
) -> BuildReport:
    """Bring facts, neighbours and stores up to the lake; what serves changes only when all of it held.

    Args:
        lake: The lake, with pages to land or none.
        stores: Where the result goes.
        stated: Rights the operator states to hold.
        market: Market whose top tracks the documents show.
        progress: Told of each stage.

    Raises:
        Retryable: Another process is building this home.
        Fatal: A stage failed; what served before goes on serving.
    """
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        progress(name, 0, 1)
        start = time.perf_counter()
        yield
        seconds[name] = round(time.perf_counter() - start, 3)
        progress(name, 1, 1)

    with stage("land"):
        landed = lake.land()
    with engine(lake) as sql:
        with stage("marts"):
            marts = run_marts(sql, models_of(lake), stated=stated)
        with stage("similar"):
            similar = run_similar(sql, stated)
        with stage("publish"):
            published = publish_all(sql, stores.catalogue, stores.documents, market, names=stores.names)
    return BuildReport(landed=landed, marts=marts, similar=similar, published=published, seconds=seconds)
