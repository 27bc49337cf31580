"""Rows on their way from a source to the tables, by column.

A source turns a page into `Rows`. In a column the value `msgspec.UNSET` means that the answer did
not have the field: it says nothing, so what was known stays. `None` means that it was there and null.
A column left out altogether is unset in every row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from tunelake.domain.fields import Shape
from tunelake.domain.pages import Page

Columns = dict[str, list[Any]]


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One item that could not become a row.

    Attributes:
        where: A path inside the page, for example "$.items[3].track.id".
        reason: What is wrong and what was expected, for people.
    """

    where: str
    reason: str


class Rows(msgspec.Struct, kw_only=True):
    """What one page says.

    Attributes:
        tables: Table name to columns; all columns of a table have the same length.
        empty_sets: Owners (column values in the order of the contract's owner, without the source)
            whose whole set was seen and is empty, by table.
        partial: Tables whose sets are here only in part, so far as the page itself tells; a page with a
            listing is judged by that.
        rejected: Items that could not become rows.
        look: Finds which fields its objects have, by place ("artist", "track.artists"); not for nothing.
        rights: Rights tag of a table's rows where it is not the page's, by table: one answer may hold
            content of several licences.
    """

    tables: dict[str, Columns] = {}
    empty_sets: dict[str, list[tuple[Any, ...]]] = {}
    partial: set[str] = set()
    rejected: list[Rejected] = []
    look: Callable[[], dict[str, Shape]] = dict
    rights: dict[str, str] = {}


class Reader(Protocol):
    """Turns a page into rows, whatever its source; pure."""

    def __call__(self, page: Page) -> Rows:
        """Read a page; anything unreadable is in `Rows.rejected`, never raised."""
