"""Adds artists that are near to those asked for, step by step, within bounds; an async shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tunelake.collect.account import Account
from tunelake.collect.jobs.discover import Bounds, led_by, step
from tunelake.collect.ports import Want

_WORDS = {"related": "related to", "collaborators": "credited beside", "playlists": "on the playlists of"}


class Neighbours(Protocol):
    """Who is near to whom at a source."""

    async def near(self, last: Sequence[str], number: int) -> dict[str, list[str]]:
        """Artists near to each of the last step (`number` counts from 1), nearest first."""

    async def fetch(self, ids: Sequence[str], reasons: Mapping[str, str]) -> list[Want]:
        """Fetch artists that were found, each for its reason."""


class Discovery:
    """What one run discovers."""

    def __init__(self, neighbours: Neighbours, bounds: Bounds, account: Account) -> None:
        self._neighbours = neighbours
        self._bounds = bounds
        self._account = account
        self._found: dict[str, str] = {}
        self._added = 0

    @property
    def goes_on(self) -> bool:
        """Whether there is anything to discover."""
        return bool(self._bounds.steps)

    async def from_(self, named: Mapping[str, str]) -> list[Want]:
        """Discover from artists, given as id to name; every one found says why it is wanted."""
        if not self._bounds.steps:
            return []
        wants: list[Want] = []
        last = [one for one in named if one not in self._found]
        self._found |= named
        for number in range(1, self._bounds.steps + 1):
            if not last or len(self._found) >= self._bounds.most:
                break
            near = await self._neighbours.near(last, number)
            new = step(list(self._found), last, near, self._bounds.most)
            leading = led_by(last, near, new)
            reasons = {
                one: f"{_WORDS[self._bounds.way]} {self._found[leading[one]] or leading[one]}, step {number}"
                for one in new
            }
            told = await self._neighbours.fetch(new, reasons)
            wants += told
            last = [want.artist_id for want in told if want.artist_id]
            self._found |= {want.asked: want.name or "" for want in told}
        self._added += len(wants)
        return wants

    def tell(self) -> None:
        """Say how many were found."""
        if self._bounds.steps:
            self._account.notes.append(f"discovered {self._added} artists")
