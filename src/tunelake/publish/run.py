"""Publish all artists, or a few, from the marts to the stores that serve."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack

import msgspec

from tunelake.mart.ports import Engine
from tunelake.publish.chosen import Chosen
from tunelake.publish.content import Changes
from tunelake.publish.ports import CatalogueStore, DocumentStore, NameIndex


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was published.

    Attributes:
        documents: Documents in the key-value store (of the artists asked for).
        rows: Rows by table of the catalogue (of the artists asked for).
        changes: What had to be written to each store, by its name; the rest was there already.
        seconds: The whole run.
    """

    documents: int
    rows: dict[str, int]
    changes: dict[str, Changes] = {}
    seconds: float


def publish_all(
    engine: Engine,
    catalogue: CatalogueStore,
    store: DocumentStore,
    market: str = "US",
    clock: Callable[[], float] = time.perf_counter,
    names: NameIndex | None = None,
    *,
    verify: bool = False,
) -> PublishReport:
    """Put the marts' whole set in place of what the stores hold; what is no longer in the marts is gone.

    All stores are filled first, then switched one after the other, documents before names: a name never
    leads to a document that is not there yet. When one cannot be filled, none is switched.

    Args:
        engine: Sees the marts.
        catalogue: The relational store.
        store: The key-value store.
        market: The market whose top tracks a document shows.
        clock: Seconds that only grow.
        names: The search for names; None where the catalogue does that.
        verify: Compare with what the stores hold, read anew; mends what somebody else changed there.

    Raises:
        ConfigError: A store does not let us in.
        Retryable: A store cannot be reached now, or somebody else publishes.
        Fatal: A store failed, or would hold other counts than the marts. In each case the sets before stay.
    """
    start = clock()
    chosen = Chosen(engine, None, market)
    expected = chosen.counts()
    changes: dict[str, Changes] = {}
    with ExitStack() as staged:  # left in the opposite order
        if names is not None:
            changes["names"] = staged.enter_context(names.replacing(chosen.names(), verify=verify))
        changes["catalogue"] = staged.enter_context(
            catalogue.replacing(chosen.rows(), expected, verify=verify)
        )
        changes["documents"] = staged.enter_context(
            store.replacing(chosen, expected["artists"], verify=verify)
        )
    return PublishReport(
        documents=expected["artists"], rows=catalogue.counts(), changes=changes, seconds=clock() - start
    )


def publish_artists(
    engine: Engine,
    entity_ids: Collection[str],
    catalogue: CatalogueStore,
    store: DocumentStore,
    market: str = "US",
    clock: Callable[[], float] = time.perf_counter,
    names: NameIndex | None = None,
) -> PublishReport:
    """Publish some artists as the marts have them now; one that is not in the marts is removed.

    Artists that these are shown with and that the catalogue does not know yet are published too.
    Arguments and errors are those of `publish_all`.
    """
    start = clock()
    wanted = _with_those_beside(engine, set(entity_ids), catalogue)
    chosen = Chosen(engine, wanted, market)
    store.replace_artists(wanted, chosen)
    catalogue.replace_artists(wanted, chosen.rows())
    if names is not None:
        names.replace_artists(wanted, chosen.names())
    expected = chosen.counts()
    return PublishReport(documents=expected["artists"], rows=expected, seconds=clock() - start)


def _with_those_beside(engine: Engine, wanted: set[str], catalogue: CatalogueStore) -> set[str]:
    news = wanted
    while news:
        beside = Chosen(engine, news, "").beside() - wanted
        news = beside - catalogue.known(beside)
        wanted = wanted | news
    return wanted
