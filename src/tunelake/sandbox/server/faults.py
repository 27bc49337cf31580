"""Which call goes wrong and how: pure, and the same for the same seed and the same calls."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Literal

import msgspec

from tunelake.sandbox.server.config import SandboxConfig

Harm = Literal["500", "502", "503", "cut", "slow", "truncated", "html"]

HTML_PAGE = (
    b"<!DOCTYPE html><html><head><title>Error</title></head><body>Please try again later.</body></html>"
)


class Fault(msgspec.Struct, frozen=True):
    """What happens to one call: some harm or none, and a shift of its offset (-1, 0 or 1)."""

    harm: Harm | None = None
    shift: int = 0


NO_FAULT = Fault()


class FaultPlan:
    """Draws the fate of calls.

    A draw depends on the seed, the call and how often that call was made, not on the order in which
    different calls arrive; so a concurrent client meets the same
    faults in every run, and a retry may succeed.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self._seed = config.seed
        self._harms: tuple[tuple[float, tuple[Harm, ...]], ...] = (
            (config.rate_5xx, ("500", "502", "503")),
            (config.rate_cut, ("cut",)),
            (config.rate_slow, ("slow",)),
            (config.rate_malformed, ("truncated", "html")),
        )
        self._rate_shift = config.rate_shift
        self._active = config.rate_shift > 0 or any(rate > 0 for rate, _ in self._harms)
        self._made: Counter[str] = Counter()

    def draw(self, call: str) -> Fault:
        """The fate of a call (method, path and query)."""
        if not self._active:
            return NO_FAULT
        self._made[call] += 1
        harm_draw, kind_draw, shift_draw, way_draw = _draws(self._seed, call, self._made[call])
        shift = 0
        if shift_draw < self._rate_shift:
            shift = 1 if way_draw < 0.5 else -1  # noqa: PLR2004  a fair coin
        return Fault(self._harm(harm_draw, kind_draw), shift)

    def _harm(self, draw: float, kind_draw: float) -> Harm | None:
        for rate, kinds in self._harms:
            if draw < rate:
                return kinds[int(kind_draw * len(kinds))]
            draw -= rate
        return None


def _draws(seed: int, call: str, times: int) -> tuple[float, float, float, float]:
    """Four independent numbers in [0, 1)."""
    digest = hashlib.blake2b(f"{seed} {times} {call}".encode(), digest_size=16).digest()
    a, b, c, d = (int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in (0, 4, 8, 12))
    return a, b, c, d
