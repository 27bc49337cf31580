"""An uploaded page to rows. Pure: the page alone says how it is read, now and at every replay."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.domain.rows import Columns, Rejected, Rows
from tunelake.errors import ConfigError
from tunelake.lake.upload.facts import SETS, Facts, Members, facts, owned_sets, picked, unit_table
from tunelake.lake.upload.history.read import ENDPOINT as LISTENS
from tunelake.lake.upload.history.read import read_listens
from tunelake.lake.upload.lines import PREFIX, REJECTED, decode, plan_of
from tunelake.lake.upload.typed import Plan, Problem, RowReader

Member = tuple[Any, ...]
Tells = dict[str, tuple[str, ...]]


def is_upload(page: Page) -> bool:
    """Tell whether a page came from a person's file; its source may have any name."""
    return page.endpoint.startswith(PREFIX)


def read_rows(page: Page) -> Rows:
    """Read an uploaded page; what cannot be read is in `Rows.rejected`."""
    if page.endpoint == LISTENS:
        return read_listens(page)
    try:
        if page.endpoint == REJECTED:
            return Rows(rejected=[_rejected(line.row, line.problem) for line in decode(page.body)])
        return _read(page.body, plan_of(page.params))
    except (msgspec.DecodeError, ConfigError) as wrong:
        return Rows(rejected=[Rejected(where="$", reason=f"not a page of an upload: {wrong}")])


def _read(body: bytes, plan: Plan) -> Rows:
    lines = list(decode(body))
    reader = RowReader(plan)
    typed = reader.read(reader.cells([line.values for line in lines]), len(lines))
    good = [at for at in range(len(lines)) if at not in typed.problems]
    tells = [lines[at].tells for at in good]
    owned = owned_sets(unit_table(plan.kind, plan.mapped))
    told: dict[str, list[Facts]] = {}
    sets: dict[str, Columns] = {}
    rows = Rows(rejected=[_rejected(lines[at].row, typed.problems[at]) for at in sorted(typed.problems)])
    for fact in facts(picked(typed.fields, good), plan.kind, len(good)):
        if not isinstance(fact, Members):
            told.setdefault(fact.table, []).append(_spoken_for(fact, tells))
            continue
        owners = _owners(fact, None if fact.table in owned else tells)
        sets[fact.table] = _set(fact.table, fact.names, owners)
        rows.empty_sets[fact.table] = [(owner,) for owner, members in owners.items() if not members]
    tables = {table: _merged(blocks) for table, blocks in told.items()} | sets
    rows.tables = {table: columns for table, columns in tables.items() if any(columns.values())}
    rows.empty_sets = {table: owners for table, owners in rows.empty_sets.items() if owners}
    return rows


def _spoken_for(fact: Facts, tells: list[Tells]) -> Facts:
    """The rows of which their line is the one that speaks."""
    spoken = [told.get(fact.table, ()) for told in tells]
    of = enumerate(zip(fact.at, fact.keys, strict=True))
    kept = [place for place, (at, key) in of if key in spoken[at]]
    if len(kept) == len(fact.keys):
        return fact
    at, keys = [fact.at[place] for place in kept], [fact.keys[place] for place in kept]
    return Facts(fact.table, at, keys, picked(fact.columns, kept))


def _merged(blocks: list[Facts]) -> Columns:
    """Several statements about one table as one, in the order of the lines."""
    blocks = [block for block in blocks if block.at]
    if not blocks:
        return {}
    if len(blocks) == 1:
        return blocks[0].columns
    names = dict.fromkeys(name for block in blocks for name in block.columns)
    every = {
        name: [
            value for block in blocks for value in block.columns.get(name) or [msgspec.UNSET] * len(block.at)
        ]
        for name in names
    }
    at = [place for block in blocks for place in block.at]
    order = sorted(range(len(at)), key=at.__getitem__)
    return {name: [values[place] for place in order] for name, values in every.items()}


def _owners(said: Members, tells: list[Tells] | None) -> dict[str, list[Member]]:
    """The members of each owner, of all lines or of those that speak for it."""
    owners: dict[str, list[Member]] = {}
    for at, owner, members in zip(said.at, said.owners, said.members, strict=True):
        if tells is None or owner in tells[at].get(said.table, ()):
            owners.setdefault(owner, []).extend(members)
    return owners


def _set(table: str, names: tuple[str, ...], owners: dict[str, list[Member]]) -> Columns:
    """The sets of owners as columns."""
    column, numbered = SETS[table]
    kept = [(owner, *one) for owner, members in owners.items() for one in _distinct(table, names, members)]
    if not kept:
        return {}
    of, members, numbers = zip(*kept, strict=True)
    columns = {column: list(of), **dict(zip(names, map(list, zip(*members, strict=True)), strict=True))}
    return {**columns, "position": list(numbers)} if numbered else columns


def _distinct(table: str, names: tuple[str, ...], members: list[Member]) -> Iterator[tuple[Member, int]]:
    """The distinct members of a set, each with its number: what it says, else the first that is free."""
    by_track = table == "playlist_items"
    if "position" not in names:
        first: dict[Any, Member] = {}
        for member in members:
            first.setdefault(member[0] if by_track else member, member)
        yield from zip(first.values(), count())
        return
    place = names.index("position")
    stated: list[int | None] = [member[place] for member in members]
    seen: set[tuple[Any, ...]] = set()
    taken = set(stated)
    used: set[int] = set()
    free = 0
    for member, number in zip(members, stated, strict=True):
        identity = (member[0], number) if by_track else member
        if identity in seen:
            continue
        seen.add(identity)
        if number is None or number in used:
            while free in taken or free in used:
                free += 1
            number = free  # noqa: PLW2901  (what it is to be, where nothing is said)
        used.add(number)
        yield member, number


def _rejected(row: int, problem: Problem | None) -> Rejected:
    if problem is None:
        return Rejected(where=f"row {row}", reason="no reason is on record")
    where = f"row {row}" + (f", column {problem.column}" if problem.column else "")
    return Rejected(
        where=where, reason=problem.reason + (f" (found '{problem.value}')" if problem.value else "")
    )
