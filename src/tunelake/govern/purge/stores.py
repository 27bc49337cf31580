"""The stores that serve, without somebody: what they show with others is published anew, and bytes go."""

from __future__ import annotations

from collections.abc import Collection

from tunelake.lake.lake import Lake
from tunelake.publish.run import publish_all, publish_artists
from tunelake.work.build import engine
from tunelake.work.stores import Stores

_LAST = "similar_artists"  # the mart that a build keeps last


def erase(lake: Lake, stores: Stores, ids: Collection[str], market: str, *, everything: bool) -> None:
    """Bring the stores to the marts, which tell of somebody no longer, and let go of the bytes.

    Args:
        lake: The lake.
        stores: The stores.
        ids: The artists that are gone, and those that were shown with them.
        market: The market whose top tracks documents show.
        everything: Compare everything with the marts, not these artists alone.

    Raises:
        Retryable: A store cannot be reached, or somebody else publishes.
        Fatal: A store failed.
    """
    catalogue, documents, names = stores.catalogue, stores.documents, stores.names
    with engine(lake) as sql:
        if not sql.has(_LAST):
            catalogue.replace_artists(ids, {})
            documents.replace_artists(ids, ())
            if names is not None:
                names.replace_artists(ids, ())
        elif everything:
            publish_all(sql, catalogue, documents, market, names=names, verify=True)
        else:
            publish_artists(sql, ids, catalogue, documents, market, names=names)
    for store in (catalogue, documents, names):
        if store is not None:
            store.scrub()
