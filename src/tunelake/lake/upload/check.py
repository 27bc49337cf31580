"""Every row of a file looked at once, before any of it is landed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.upload.facts import Members, facts, owned_sets, unit_table
from tunelake.lake.upload.lines import rejected_line, values_json
from tunelake.lake.upload.report import MOST_LISTED, RejectedRow
from tunelake.lake.upload.typed import Plan, Problem, RowReader

Row = tuple[dict[str, Any], Problem | None]
_EVERY = 1000


class Keeps(Protocol):
    """Where looked-at rows wait."""

    def take(self, row: int, unit: str, body: bytes, told: list[tuple[str, str, bytes]]) -> None:
        """Keep a good row."""

    def reject(self, row: int, body: bytes) -> None:
        """Keep a row that cannot be taken."""


class Tally(msgspec.Struct, kw_only=True):
    """What was found: counts, the first rejected rows, how often each null text was met."""

    taken: int = 0
    rejected: int = 0
    listed: list[RejectedRow] = []
    nulls: dict[str, int] = {}


def check_rows(rows: Iterable[Row], plan: Plan, keep: Keeps, progress: Callable[[int], None]) -> Tally:
    """Look at every row and keep it as taken or as rejected.

    Args:
        rows: The values of each row, with what is wrong with it if that is known already.
        plan: How they are read.
        keep: Where they go.
        progress: Is told the number of rows looked at, now and then.
    """
    tally = Tally()
    nulls: Counter[str] = Counter()
    reader = RowReader(plan)
    unit = unit_table(plan.kind, plan.mapped)
    used = [column for columns in plan.mapped.values() for column in columns]
    for number, (values, broken) in enumerate(rows, start=1):
        body, wrong = _encoded(values)
        typed = broken or wrong or reader.read(values)
        if isinstance(typed, Problem):
            tally.rejected += 1
            keep.reject(number, rejected_line(number, body, typed))
            if len(tally.listed) < MOST_LISTED:
                found = RejectedRow(row=number, reason=typed.reason, column=typed.column, value=typed.value)
                tally.listed.append(found)
        else:
            tally.taken += 1
            _take(number, typed, body, plan, unit, keep)
        nulls.update(_null_texts(values, used, plan.nulls))
        if number % _EVERY == 0:
            progress(number)
    tally.nulls = dict(sorted(nulls.items()))
    progress(tally.taken + tally.rejected)
    return tally


def _take(number: int, typed: dict[str, Any], body: bytes, plan: Plan, unit: str, keep: Keeps) -> None:
    owned = owned_sets(unit)
    owner = f"\x00{number}"
    told: list[tuple[str, str, bytes]] = []
    for fact in facts(typed, plan.kind):
        if isinstance(fact, Members):
            if fact.table not in owned:
                told.append((fact.table, fact.owner, _hash(fact.elements)))
        else:
            told.append((fact.table, fact.key, _hash(fact.values)))
            if fact.table == unit:
                owner = fact.key
    keep.take(number, owner, body, told)


def _encoded(values: dict[str, Any]) -> tuple[bytes, Problem | None]:
    try:
        return values_json(values), None
    except UnicodeEncodeError:
        text = repr(values)
        return values_json({"text": text}), Problem(reason="holds half of a character (a lone surrogate)")


def _null_texts(values: dict[str, Any], used: list[str], nulls: frozenset[str]) -> list[str]:
    found = [value for column in used if isinstance(value := values.get(column, ""), str)]
    return [value if value.strip() else "" for value in found if value in nulls or not value.strip()]


def _hash(values: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(values), digest_size=8).digest()


def refuse_nothing(tally: Tally, name: str) -> None:
    """Refuse a file without rows.

    Raises:
        ConfigError: There was not one row.
    """
    if not tally.taken and not tally.rejected:
        raise ConfigError(f"{name} has columns but no rows: there is nothing to upload")
