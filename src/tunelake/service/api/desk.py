"""The desk: bounded thread pools through which the web side calls the synchronous rest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final, ParamSpec, TypeVar

import msgspec

from tunelake.domain.names import fold
from tunelake.errors import Retryable
from tunelake.service.answer import Answer, Answerer
from tunelake.service.question import Language, clean

P = ParamSpec("P")
T = TypeVar("T")

_BUSY: Final = timedelta(seconds=10)
_KEPT_SECONDS: Final = 20.0  # a collected answer is kept for the page that polls for it


class _Asked(msgspec.Struct):
    answer: Future[Answer]
    done_at: float | None = None


class Desk:
    """Reads at once, collects a few at a time; the same question waits for one collection."""

    def __init__(
        self,
        answerer: Answerer,
        *,
        readers: int = 4,
        collectors: int = 4,
        waiting: int = 64,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the desk.

        Args:
            answerer: Answers the questions.
            readers: Threads for short reads; they never wait for a source.
            collectors: Threads for collecting.
            waiting: Collections under way or queued at most; one more is refused for now.
            clock: Seconds, to forget answers that were collected a while ago.
        """
        self.answerer = answerer
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="tunelake-read")
        self._collectors = ThreadPoolExecutor(collectors, thread_name_prefix="tunelake-collect")
        self._waiting = waiting
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, Language | None], _Asked] = {}

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a short synchronous call in the pool."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: work(*args, **kwargs))

    async def ask(self, text: str, language: Language | None = None) -> Answer:
        """Answer; an unknown artist is collected once, however many ask.

        Raises:
            Retryable: Too many collections wait already.
        """
        known = await self.read(self.answerer.known, text, language)
        if known is not None:
            return known
        return await asyncio.shield(asyncio.wrap_future(self.start(text, language)))

    def start(self, text: str, language: Language | None = None) -> Future[Answer]:
        """Begin to answer by collecting, or join whoever asked the same; returns at once.

        Raises:
            Retryable: Too many collections wait already.
        """
        key = (fold(clean(text)), language)
        with self._lock:
            self._forget()
            if key in self._asked:
                return self._asked[key].answer
            if sum(asked.done_at is None for asked in self._asked.values()) >= self._waiting:
                until = datetime.now(UTC) + _BUSY
                raise Retryable("too many artists are being collected at this moment", until)
            answer = self._collectors.submit(self.answerer.ask, text, language)
            self._asked[key] = _Asked(answer)
        return answer

    def _forget(self) -> None:
        now = self._clock()
        for key, asked in list(self._asked.items()):
            if not asked.answer.done():
                continue
            if asked.done_at is None:
                asked.done_at = now
            if now - asked.done_at > _KEPT_SECONDS:
                del self._asked[key]

    def close(self) -> None:
        """Let go of the threads; a collection under way ends by itself."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._collectors.shutdown(wait=False, cancel_futures=True)
