"""What the server saw, for `control_url`."""

from __future__ import annotations

from collections import Counter


class Meter:
    """Counts requests, answers and faults; requests to the control address are not counted."""

    def __init__(self) -> None:
        self._by_status: Counter[str] = Counter()
        self._by_endpoint: Counter[str] = Counter()
        self._by_fault: Counter[str] = Counter()
        self._bytes = 0

    def count(self, endpoint: str, status: int, size: int, fault: str | None = None) -> None:
        """Count one answer; `size` is its body in bytes, as sent."""
        self._by_endpoint[endpoint] += 1
        self._by_status[str(status)] += 1
        self._bytes += size
        if fault:
            self._by_fault[fault] += 1

    def report(self) -> dict[str, object]:
        """The JSON of it."""
        return {
            "requests": self._by_endpoint.total(),
            "catalogue": sum(n for path, n in self._by_endpoint.items() if path.startswith("/v1/")),
            "token": self._by_endpoint["/api/token"],
            "bytes": self._bytes,
            "by_status": dict(sorted(self._by_status.items())),
            "by_endpoint": {path: n for path, n in sorted(self._by_endpoint.items()) if n},
            "by_fault": dict(sorted(self._by_fault.items())),
        }
