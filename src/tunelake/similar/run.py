"""Compare all artists, or one new one, and keep the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from tunelake.mart.ports import Engine

if TYPE_CHECKING:
    import pyarrow as pa

    from tunelake.similar.compare import Similar
    from tunelake.similar.facts import Gathered

NEIGHBOURS = 10
"""How many neighbours an artist gets, when not told."""

_MART = "similar_artists"
_FACTS = "select entity_id, source, rights, collected, {features} from artist_facts"
_PROFILES = "select entity_id, genres from artist_profile"
_COLLABORATIONS = "select * from collaborations"


class SimilarReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison did.

    Attributes:
        artists: Artists compared, by source; artists of two sources are never compared.
        neighbours: Rows found.
        alone: Artists that have no neighbour.
        left_out: What was left out and why, in sentences.
        seconds: The whole run.
    """

    artists: dict[str, int]
    neighbours: int
    alone: int
    left_out: tuple[str, ...]
    seconds: float


class RenewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What comparing a few artists did.

    Attributes:
        changed: The artists whose neighbours were renewed: those asked for and those near to them. They
            are the ones to publish.
        neighbours: Rows found for them.
        left_out: What was left out and why, in sentences.
        seconds: The whole run.
    """

    changed: tuple[str, ...]
    neighbours: int
    left_out: tuple[str, ...]
    seconds: float


def run_similar(
    engine: Engine,
    stated: Collection[str] = (),
    count: int = NEIGHBOURS,
    clock: Callable[[], float] = time.perf_counter,
) -> SimilarReport:
    """Compare every artist with every other of its source; keep the nearest as mart `similar_artists`.

    The mart is replaced whole, so no neighbour outlives the facts it came from.

    Args:
        engine: Sees the marts.
        stated: Rights the operator states to hold, "TAG:USE".
        count: Neighbours an artist.
        clock: Seconds that only grow.

    Raises:
        Fatal: The engine cannot read or keep.
    """
    from tunelake.similar.compare import Comparison

    start = clock()
    gathered = _gather(engine, stated)
    found: list[Similar] = []
    alone = 0
    for facts in gathered.facts:
        for near in Comparison(facts).everyone(count):
            found.extend(near)
            alone += not near
    engine.save(_MART, to_arrow(found))
    return SimilarReport(
        artists={facts.source: len(facts.entity_ids) for facts in gathered.facts},
        neighbours=len(found),
        alone=alone,
        left_out=gathered.left_out,
        seconds=clock() - start,
    )


def renew_similar(
    engine: Engine,
    entity_ids: Collection[str],
    stated: Collection[str] = (),
    count: int = NEIGHBOURS,
    clock: Callable[[], float] = time.perf_counter,
) -> RenewReport:
    """Find the neighbours of some artists, and of those near to them, and keep them; no batch.

    What it finds is what the batch would find on these facts. The other artists keep the neighbours
    they have, without those that are gone, until the next batch. Arguments and errors are those of
    `run_similar`.
    """
    import pyarrow as pa

    start = clock()
    gathered = _gather(engine, stated)
    found, changed = _fold_in(gathered, entity_ids, count)
    compared = {entity_id for facts in gathered.facts for entity_id in facts.entity_ids}
    kept = _others(engine.table(_MART), changed, compared) if engine.has(_MART) else []
    engine.save(_MART, pa.concat_tables([*kept, to_arrow(found)]))
    return RenewReport(
        changed=tuple(sorted(changed)),
        neighbours=len(found),
        left_out=gathered.left_out,
        seconds=clock() - start,
    )


def fold_in(
    engine: Engine, entity_id: str, stated: Collection[str] = (), count: int = NEIGHBOURS
) -> tuple[str, ...]:
    """Find the neighbours of one artist, and of those near to it, as `renew_similar` does, and only these.

    Returns:
        The artists whose neighbours mart `similar_artists` has now. Arguments and errors are those of
        `run_similar`.
    """
    found, changed = _fold_in(_gather(engine, stated), [entity_id], count)
    engine.save(_MART, to_arrow(found))
    return tuple(sorted(changed))


def _fold_in(gathered: Gathered, entity_ids: Collection[str], count: int) -> tuple[list[Similar], set[str]]:
    """Compare some artists, and those near to them, with all; and name them."""
    from tunelake.similar.compare import Comparison

    found: list[Similar] = []
    changed = set(entity_ids)
    for facts in gathered.facts:
        comparison = Comparison(facts)
        own = [similar for entity_id in entity_ids for similar in comparison.nearest(entity_id, count)]
        beside = sorted({similar.other_entity_id for similar in own} - set(entity_ids))
        changed.update(beside)
        found += own
        found += [similar for entity_id in beside for similar in comparison.nearest(entity_id, count)]
    return found, changed


def _others(rows: pa.Table, changed: Collection[str], compared: Collection[str]) -> list[pa.Table]:
    """Keep the rows of artists that did not change, with neighbours that are still there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = rows.cast(to_arrow([]).schema)

    def among(column: str, ids: Collection[str]) -> pa.ChunkedArray:
        return pc.is_in(rows.column(column), value_set=pa.array(sorted(ids), pa.string()))

    still = pc.and_(among("entity_id", compared), among("other_entity_id", compared))
    return [rows.filter(pc.and_not(still, among("entity_id", changed)))]


def nearest(
    engine: Engine, entity_id: str, stated: Collection[str] = (), count: int = NEIGHBOURS
) -> list[Similar]:
    """Find the neighbours of one artist without a batch: the same as the batch finds on these facts.

    Nothing is kept. Raises as `run_similar` does.
    """
    from tunelake.similar.compare import Comparison

    for facts in _gather(engine, stated).facts:
        comparison = Comparison(facts)
        if entity_id in comparison:
            return comparison.nearest(entity_id, count)
    return []


def _gather(engine: Engine, stated: Collection[str]) -> Gathered:
    from tunelake.similar.facts import FEATURES, gather

    facts = engine.select(_FACTS.format(features=", ".join(FEATURES)))
    return gather(facts, engine.select(_PROFILES), engine.select(_COLLABORATIONS), stated)


def to_arrow(found: Iterable[Similar]) -> pa.Table:
    """Lay neighbours out as rows: scores by channel in columns, reasons as JSON."""
    import pyarrow as pa

    schema = pa.schema(
        [
            ("entity_id", pa.string()),
            ("other_entity_id", pa.string()),
            ("rank", pa.int32()),
            ("score", pa.float64()),
            ("distance", pa.float64()),
            ("sound", pa.float64()),
            ("genres", pa.float64()),
            ("collaboration", pa.float64()),
            ("reasons", pa.string()),
        ]
    )
    return pa.Table.from_pylist([_row(similar) for similar in found], schema=schema)


def _row(similar: Similar) -> dict[str, Any]:
    return {
        "entity_id": similar.entity_id,
        "other_entity_id": similar.other_entity_id,
        "rank": similar.rank,
        "score": similar.score,
        "distance": similar.distance,
        **{reason.channel: reason.score for reason in similar.reasons},
        "reasons": msgspec.json.encode(similar.reasons).decode(),
    }
