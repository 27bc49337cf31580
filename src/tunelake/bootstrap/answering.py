"""What answers questions, and what follows an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tunelake.bootstrap.observed import TimedCollector
from tunelake.bootstrap.rows import read_rows
from tunelake.sources.spotify.ids import read_id

if TYPE_CHECKING:
    from tunelake.collect.report import RunReport
    from tunelake.lake.lake import Lake
    from tunelake.service.answer import Answerer
    from tunelake.settings import Settings
    from tunelake.work.settle import Settling
    from tunelake.work.stores import Stores

CARD = ("top-tracks", "features", "related", "albums")
"""What a card needs beside the artist: at most five calls in all."""


def answering(
    settings: Settings, lake: Lake, stores: Stores, collect: Callable[..., RunReport] | None
) -> tuple[Answerer, Settling]:
    """Build what answers, and what lands and publishes what was answered with before that.

    Args:
        settings: Rights and market.
        lake: The lake.
        stores: The stores that serve.
        collect: Collects artists, for example `Tunelake.collect_artists`; None: the stores alone answer.
    """
    from tunelake.service.answer import Answerer
    from tunelake.work.ahead import Ahead
    from tunelake.work.demand import DemandCollector
    from tunelake.work.settle import Settling

    settling = Settling(lake, stores, stated=settings.rights, market=settings.market)
    collector = None
    if collect is not None:
        ahead = Ahead(lake, read_rows, stated=settings.rights, market=settings.market)
        demand = DemandCollector(partial(_collect_card, collect), ahead, settling, endpoints=len(CARD) + 1)
        collector = TimedCollector(demand, lake.home)
    answerer = Answerer(stores.documents, stores.finder, collector, end=settling.end)
    settling.tell(answerer.published)
    return answerer, settling


def _collect_card(collect: Callable[..., RunReport], name: str) -> RunReport:
    one = read_id(name, "artist")
    ids, names = ([one], []) if one else ([], [name])
    return collect(names=names, ids=ids, with_=CARD, lane="on demand")
