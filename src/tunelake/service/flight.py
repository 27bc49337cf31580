"""Single flight: many ask for the same thing at once, one does the work, all get its answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs at most one call a key at a time; callers that come meanwhile share its result or error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[str, Future[T]] = {}

    def do(self, key: str, work: Callable[[], T]) -> T:
        """Run `work`, or wait for the call with this key that is under way."""
        with self._lock:
            flying = self._flying.get(key)
            if flying is None:
                mine: Future[T] = Future()
                self._flying[key] = mine
        if flying is not None:
            return flying.result()
        try:
            result = work()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(result)
            return result
        finally:
            with self._lock:
                del self._flying[key]
