"""What follows an answer: the artists that were answered ahead are landed, derived and published."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

from tunelake.errors import Fatal, Retryable, TunelakeError
from tunelake.lake.lake import Lake
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.locks.file_locks import held
from tunelake.work.ahead import entities_of
from tunelake.work.stores import Stores

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 1.0


class Settling:
    """Brings lake and stores up to what was answered; safe to share between threads.

    Nothing is lost without it: the answers are in the landing log, and whoever lands next takes them.

    Args:
        lake: The lake.
        stores: The stores that serve.
        stated: Rights the operator states to hold.
        market: Market whose top tracks the documents show.
    """

    def __init__(self, lake: Lake, stores: Stores, *, stated: tuple[str, ...], market: str) -> None:
        self._lake = lake
        self._stores = stores
        self._stated = stated
        self._market = market
        self._owed: dict[str, None] = {}
        self._mutex = threading.Lock()
        self._one = threading.Lock()
        self._behind: ThreadPoolExecutor | None = None
        self._tell: list[Callable[[Collection[str]], None]] = []

    def owe(self, artist_id: str) -> None:
        """Note an artist that was answered ahead."""
        with self._mutex:
            self._owed[artist_id] = None
            if self._behind is not None:
                self._behind.submit(self._keep_on)

    def tell(self, published: Callable[[Collection[str]], None]) -> None:
        """Let somebody hear of the artists that were published, by their entities."""
        self._tell.append(published)

    def settle(self) -> None:
        """Land, derive and publish all that is owed; nothing is done when nothing is.

        Raises:
            Retryable: Another process lands or builds at this moment; it stays owed.
            Fatal: A stage failed; what served before goes on serving.
        """
        with self._one:
            if owed := list(self._owed):
                self._publish(owed)

    def settle_for(self, artist_id: str) -> str:
        """Land, derive and publish an artist, and return its entity; errors are those of `settle`."""
        with self._one:
            entities = self._publish([artist_id])
        if artist_id not in entities:
            raise Fatal(f"artist {artist_id} was collected but is in no table; see `tunelake ledger`")
        return entities[artist_id]

    def settle_or_leave(self) -> None:
        """Settle, or leave it to whoever lands or builds at this moment: nobody waits for that.

        Raises:
            Fatal: As for `settle`.
        """
        if not self._owed:
            return
        try:
            self._settle_if_free()
        except Retryable as error:
            _log.warning("what was collected waits to land: `tunelake build` does it (%s)", error)

    def _settle_if_free(self) -> None:
        """Settle, but do not wait for who lands now: that may take as long as a build."""
        with held(self._lake.home.locks / "lander", wait_seconds=0):
            pass
        self.settle()

    def settle_behind(self) -> None:
        """Settle from now on in a thread of its own, whenever something is owed; the process waits for it."""
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="tunelake-settle")

    def end(self) -> None:
        """Settle no more; what is owed is still done, unless somebody else lands."""
        with self._mutex:
            behind, self._behind = self._behind, None
        if behind is not None:
            behind.shutdown()

    def _keep_on(self) -> None:
        while self._owed:
            try:
                self._settle_if_free()
            except Retryable as error:
                _log.info("what was answered is published later: %s", error)
                if self._behind is None or not threading.main_thread().is_alive():
                    return
                time.sleep(_PAUSE_SECONDS)
            except TunelakeError:
                # It stays owed, and is tried again with what is owed next.
                _log.exception("what was answered could not be published")
                return

    def _publish(self, artist_ids: Collection[str]) -> dict[str, str]:
        """Publish artists and who is near to them; the entities of those that are in the tables."""
        from tunelake.mart.run import run_marts
        from tunelake.publish.run import publish_artists
        from tunelake.similar.run import renew_similar
        from tunelake.work.build import engine, models_of

        self._lake.land()
        # Of two who publish at once, here or in another process, one waits for the other.
        with exclusive(self._lake.home, "demand"), engine(self._lake) as sql:
            run_marts(sql, models_of(self._lake), keyed_only=True, stated=self._stated)
            entities = entities_of(sql, artist_ids)
            renewed = renew_similar(sql, list(entities.values()), self._stated)
            publish_artists(
                sql,
                renewed.changed,
                self._stores.catalogue,
                self._stores.documents,
                self._market,
                names=self._stores.names,
            )
        with self._mutex:
            for artist_id in artist_ids:
                self._owed.pop(artist_id, None)
        for tell in self._tell:
            tell(renewed.changed)
        return entities
