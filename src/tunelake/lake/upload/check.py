"""Every row of a file looked at once, before any of it is landed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple, Protocol

import msgspec

from tunelake.domain.rows import Columns
from tunelake.errors import ConfigError
from tunelake.lake.upload.facts import Members, facts, owned_sets, picked, unit_table
from tunelake.lake.upload.lines import rejected_line, values_json
from tunelake.lake.upload.report import MOST_LISTED, RejectedRow
from tunelake.lake.upload.typed import Plan, Problem, RowReader

Row = tuple[dict[str, Any], Problem | None]
Told = tuple[str, str, int, bytes]
_EVERY = 1000
_MOST_BYTES = 8 << 20
_encode = msgspec.json.Encoder().encode


class Keeps(Protocol):
    """Where looked-at rows wait."""

    def take(
        self, rows: Iterable[tuple[int, str, bytes]], told: Iterable[tuple[str, str, int, bytes]]
    ) -> None:
        """Keep good rows (number, unit, body) and what they tell (table, key, number, hash of the values)."""

    def reject(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Keep rows (number, line) that cannot be taken."""


class Tally(msgspec.Struct, kw_only=True):
    """What was found: counts, the first rejected rows, how often each null text was met."""

    taken: int = 0
    rejected: int = 0
    listed: list[RejectedRow] = []
    nulls: dict[str, int] = {}


class _Waiting(NamedTuple):
    values: dict[str, Any]
    body: bytes
    broken: Problem | None


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
    seen = 0
    for some in _together(rows):
        cells = reader.cells([row.values for row in some])
        typed = reader.read(cells, len(some))
        problems = typed.problems | {at: row.broken for at, row in enumerate(some) if row.broken}
        _reject(some, problems, seen, tally, keep)
        good = [at for at in range(len(some)) if at not in problems]
        _take(
            [some[at] for at in good],
            [seen + at + 1 for at in good],
            picked(typed.fields, good),
            plan,
            unit,
            keep,
        )
        tally.taken += len(good)
        for values in cells.values():
            nulls.update(_null_texts(values, plan.nulls))
        seen += len(some)
        progress(seen)
    tally.nulls = dict(sorted(nulls.items()))
    return tally


def _together(rows: Iterable[Row]) -> Iterator[list[_Waiting]]:
    """Some rows at a time, so many that they fit into memory whatever is in them."""
    some: list[_Waiting] = []
    size = 0
    for values, broken in rows:
        body, wrong = _encoded(values)
        some.append(_Waiting(values, body, broken or wrong))
        size += len(body)
        if len(some) == _EVERY or size > _MOST_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _reject(some: list[_Waiting], problems: dict[int, Problem], seen: int, tally: Tally, keep: Keeps) -> None:
    wrong = sorted(problems.items())
    tally.rejected += len(wrong)
    keep.reject([(seen + at + 1, rejected_line(seen + at + 1, some[at].body, found)) for at, found in wrong])
    for at, found in wrong[: MOST_LISTED - len(tally.listed)]:
        tally.listed.append(
            RejectedRow(row=seen + at + 1, reason=found.reason, column=found.column, value=found.value)
        )


def _take(
    some: list[_Waiting], numbers: list[int], fields: Columns, plan: Plan, unit: str, keep: Keeps
) -> None:
    owned = owned_sets(unit)
    owners = [f"\x00{number}" for number in numbers]
    told: list[Told] = []
    for fact in facts(fields, plan.kind, len(some)):
        if isinstance(fact, Members):
            if fact.table not in owned:
                said = map(_hash, fact.members)
                told += _told(fact.table, fact.owners, fact.at, numbers, said)
            continue
        said = map(_hash, zip(*fact.columns.values(), strict=True))
        told += _told(fact.table, fact.keys, fact.at, numbers, said)
        if fact.table == unit:
            for at, key in zip(fact.at, fact.keys, strict=True):
                owners[at] = key
    keep.take(zip(numbers, owners, (row.body for row in some), strict=True), told)


def _told(
    table: str, keys: list[str], at: Sequence[int], numbers: list[int], said: Iterable[bytes]
) -> Iterator[Told]:
    return zip(repeat(table), keys, (numbers[place] for place in at), said, strict=False)


def _encoded(values: dict[str, Any]) -> tuple[bytes, Problem | None]:
    try:
        return values_json(values), None
    except UnicodeEncodeError:
        text = repr(values)
        return values_json({"text": text}), Problem(reason="holds half of a character (a lone surrogate)")


def _null_texts(values: list[Any], nulls: frozenset[str]) -> Iterator[str]:
    """The texts that mean "no value", each as often as it is there; blank ones as an empty one."""
    if set(map(type, values)) == {str} and nulls.isdisjoint(values) and all(map(str.strip, values)):
        return
    for value in values:
        if isinstance(value, str):
            text = value if value.strip() else ""
            if not text or value in nulls:
                yield text


def _hash(values: object) -> bytes:
    return hashlib.blake2b(_encode(values), digest_size=8).digest()


def refuse_nothing(tally: Tally, name: str) -> None:
    """Refuse a file without rows.

    Raises:
        ConfigError: There was not one row.
    """
    if not tally.taken and not tally.rejected:
        raise ConfigError(f"{name} has columns but no rows: there is nothing to upload")
