"""Answers that come at nearly the same time share one write to the disk, and the wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tunelake.collect.ports import Landing, SharedLanding
from tunelake.domain.pages import Page

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
        self._waiting: list[Page] = []
        self._writing: asyncio.Task[list[Page | None]] | None = None

    async def append(self, page: Page) -> Page | None:
        """Keep a page; it is durable when this returns.

        Returns:
            What was kept instead, when something of it may not be kept; None mostly.

        Raises:
            Fatal: It could not be kept, nor could those that waited with it.
        """
        if not isinstance(self._landing, SharedLanding) or not (self._waiting or self._busy()):
            return self._landing.append(page)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(self._landing))
        number = len(self._waiting)
        self._waiting.append(page)
        # Who is cancelled does not hear of it; the page is kept and can be landed.
        return (await asyncio.shield(self._writing))[number]

    async def _write(self, landing: SharedLanding) -> list[Page | None]:
        await asyncio.sleep(WAIT_S)
        waiting, self._waiting = self._waiting, []
        return landing.append_all(waiting)
