"""Answers that come at nearly the same time share one write to the disk, and the wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tunelake.collect.ports import Landing, SharedLanding
from tunelake.domain.pages import Page
from tunelake.errors import TunelakeError

WAIT_S = 0.002
"""How long an answer waits for others: about as long as the disk takes for one."""


class Together:
    """Lands the answers of many questions that are asked at once."""

    def __init__(self, landing: Landing, busy: Callable[[], bool]) -> None:
        """Prepare.

        Args:
            landing: Where pages go.
            busy: Tells whether more answers may come soon; if not, nothing waits.
        """
        self._landing = landing
        self._busy = busy
        self._waiting: list[tuple[Page, asyncio.Future[Page | None]]] = []

    async def append(self, page: Page) -> Page | None:
        """Keep a page; it is durable when this returns.

        Returns:
            What was kept instead, when something of it may not be kept; None mostly.

        Raises:
            Fatal: It could not be kept, nor could those that waited with it.
        """
        if not isinstance(self._landing, SharedLanding) or not (self._waiting or self._busy()):
            return self._landing.append(page)
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[Page | None] = loop.create_future()
        self._waiting.append((page, kept))
        if len(self._waiting) == 1:
            loop.call_later(WAIT_S, self._write, self._landing)
        return await kept

    def _write(self, landing: SharedLanding) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            kept = landing.append_all([page for page, _ in waiting])
        except TunelakeError as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), instead in zip(waiting, kept, strict=True):
            # Who was cancelled meanwhile does not hear of it; the page is kept and can be landed.
            if not future.done():
                future.set_result(instead)
