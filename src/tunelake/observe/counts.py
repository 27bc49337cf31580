"""What is counted, and how it adds up. Pure.

Counts only grow and are kept in the home, so that they outlive the processes that made them. A label has
few different values by construction: never a name, an id or an address.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

Labels = tuple[str, ...]
Key = tuple[str, Labels]
"""A count's name and the values of its labels."""


class Count(msgspec.Struct, frozen=True):
    """Something that is counted: what it means, and the names of its labels.

    "job" and "instance" are no names of labels: Prometheus has its own.
    """

    meaning: str
    labels: Labels


REQUESTS: Final = "requests"
REQUEST_SECONDS: Final = "request_seconds"
WAIT_SECONDS: Final = "wait_seconds"
JOBS: Final = "jobs"
ON_DEMAND: Final = "on_demand_seconds"
COUNTS: Final[Mapping[str, Count]] = {
    REQUESTS: Count("Requests to a source by what came of them.", ("source", "endpoint", "outcome")),
    REQUEST_SECONDS: Count("Seconds that requests took.", ("source", "endpoint")),
    WAIT_SECONDS: Count("Seconds waited: for a limit, for a turn, or before trying again.", ()),
    JOBS: Count("Jobs that ended, by how.", ("command", "outcome")),
    ON_DEMAND: Count("Seconds from a question about an unknown artist to its answer.", ("outcome", "le")),
}
BOUNDS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper ends of the buckets of a histogram, in seconds."""
TOTAL, ENDLESS = "sum", "+Inf"


class Counts:
    """Counts that grow in one process, until they are taken to where they last; for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Key, float] = {}

    def add(self, name: str, *labels: str, by: float = 1.0) -> None:
        """Let a count grow."""
        if len(labels) != len(COUNTS[name].labels):
            raise ValueError(f"{name} has the labels {COUNTS[name].labels}, not {labels}")
        with self._lock:
            self._values[name, labels] = self._values.get((name, labels), 0.0) + by

    def observe(self, name: str, *labels: str, seconds: float) -> None:
        """Put a duration into its buckets."""
        for bound in BOUNDS:
            if seconds <= bound:
                self.add(name, *labels, f"{bound:g}")
        self.add(name, *labels, ENDLESS)
        self.add(name, *labels, TOTAL, by=seconds)

    def take(self) -> dict[Key, float]:
        """Return what grew since the last time."""
        with self._lock:
            taken, self._values = self._values, {}
        return taken

    def give_back(self, values: Mapping[Key, float]) -> None:
        """Add what was taken and could not be kept."""
        with self._lock:
            for key, value in values.items():
                self._values[key] = self._values.get(key, 0.0) + value


def summed(counts: Mapping[Key, float], name: str, label: str) -> dict[str, float]:
    """Add a count up over all its labels but one."""
    place = COUNTS[name].labels.index(label)
    found: dict[str, float] = {}
    for (of, labels), value in counts.items():
        if of == name:
            found[labels[place]] = found.get(labels[place], 0.0) + value
    return found


def of_name(counts: Mapping[Key, float], name: str) -> Iterable[tuple[Labels, float]]:
    """The values of one count, by labels."""
    return sorted((labels, value) for (of, labels), value in counts.items() if of == name)
