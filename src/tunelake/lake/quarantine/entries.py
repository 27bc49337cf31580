"""What is in quarantine, by which word people name it, and the page that says it left. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

import msgspec

from tunelake.domain.pages import Page, fingerprint, page_id
from tunelake.domain.rows import Rows
from tunelake.errors import ConfigError

RELEASES = "quarantine_releases"
ENDPOINT = "quarantine release"
"""Of the pages by which decisions come into the landing log."""

How = Literal["fixed", "accepted"]
_ROW = re.compile(r"(?P<table>[a-z_]+)\[(?P<row>\d+)\]")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that could not become a row, or not wholly.

    Attributes:
        where: Place in the answer, or "table[row]" for a row outside its contract.
        page_id: The answer.
    """

    source: str
    page_id: str
    where: str
    endpoint: str
    reason: str
    rights: str
    observed_at: datetime

    @property
    def id(self) -> str:
        """How people name it: 10 hex digits, always the same."""
        text = f"{self.source}\x1f{self.page_id}\x1f{self.where}"
        return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()

    @property
    def row(self) -> tuple[str, int] | None:
        """The table and the place among its rows in the answer; None where no row was read."""
        found = _ROW.fullmatch(self.where)
        return (found["table"], int(found["row"])) if found else None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """That an entry leaves, as `quarantine_releases` has it.

    The reason is left out: it quotes values, which are to go when their answer is erased.
    """

    answer_id: str
    where: str
    endpoint: str
    how: How
    who: str
    why: str | None


def chosen(entries: Iterable[Entry], ids: Collection[str], table: str | None) -> list[Entry]:
    """Choose entries: those of these ids, or all; and of a table, where one is named.

    Raises:
        ConfigError: An id is not that of an entry.
    """
    listed = list(entries)
    unknown = sorted(set(ids) - {entry.id for entry in listed})
    if unknown:
        raise ConfigError(f"nothing in quarantine is called {', '.join(unknown)}: see `tunelake quarantine`")
    return [
        entry
        for entry in listed
        if (not ids or entry.id in ids) and (table is None or (entry.row or ("", 0))[0] == table)
    ]


def decision_pages(
    decided: Iterable[tuple[Entry, How]], who: str, why: str | None, now: datetime
) -> list[Page]:
    """Write decisions as pages for the landing log, one a source and rights tag."""
    pages = []
    listed = sorted(decided, key=lambda one: (_owner(one[0]), one[0].page_id, one[0].where))
    for (source, rights), group in groupby(listed, key=lambda one: _owner(one[0])):
        decisions = [
            Decision(
                answer_id=entry.page_id, where=entry.where, endpoint=entry.endpoint,
                how=how, who=who, why=why,
            )
            for entry, how in group
        ]  # fmt: skip
        body = msgspec.json.encode(decisions)
        asked = fingerprint(source, "/quarantine/release", ())
        pages.append(
            Page(
                page_id=page_id(asked, now, body), source=source, rights=rights, endpoint=ENDPOINT,
                path="/quarantine/release", params=(), status=200, fetched_at=now, headers={}, body=body,
            )
        )  # fmt: skip
    return pages


def read_decisions(page: Page) -> Rows:
    """Read a page of decisions."""
    decisions = msgspec.json.decode(page.body, type=list[Decision])
    columns: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in decisions] for name in Decision.__struct_fields__
    }
    return Rows(tables={RELEASES: columns})


def accepted(rows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Map each answer to the places that people took as they are, from rows of `quarantine_releases`."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["how"] == "accepted":
            found.setdefault(row["answer_id"], set()).add(row["where"])
    return found


def _owner(entry: Entry) -> tuple[str, str]:
    return entry.source, entry.rights
