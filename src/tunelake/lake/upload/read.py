"""An uploaded page to rows. Pure: the page alone says how it is read, now and at every replay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.domain.rows import Columns, Rejected, Rows
from tunelake.errors import ConfigError
from tunelake.lake.upload.facts import SETS, Members, facts, owned_sets, unit_table
from tunelake.lake.upload.history.read import ENDPOINT as LISTENS
from tunelake.lake.upload.history.read import read_listens
from tunelake.lake.upload.lines import PREFIX, REJECTED, decode, plan_of
from tunelake.lake.upload.typed import Plan, Problem, RowReader

Owners = dict[str, list[dict[str, Any]]]


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
    owned = owned_sets(unit_table(plan.kind, plan.mapped))
    told: dict[str, list[dict[str, Any]]] = {}
    sets: dict[str, Owners] = {}
    rejected: list[Rejected] = []
    reader = RowReader(plan)
    for line in decode(body):
        typed = reader.read(line.values)
        if isinstance(typed, Problem):
            rejected.append(_rejected(line.row, typed))
            continue
        for fact in facts(typed, plan.kind):
            if isinstance(fact, Members):
                if fact.table in owned or fact.owner in line.tells.get(fact.table, ()):
                    sets.setdefault(fact.table, {}).setdefault(fact.owner, []).extend(fact.elements)
            elif fact.key in line.tells.get(fact.table, ()):
                told.setdefault(fact.table, []).append(fact.values)
    rows = Rows(rejected=rejected)
    for table, owners in sets.items():
        told[table] = [row for owner, members in owners.items() for row in _members(table, owner, members)]
        rows.empty_sets[table] = [(owner,) for owner, members in owners.items() if not members]
    rows.tables = {table: _columns(values) for table, values in told.items() if values}
    rows.empty_sets = {table: owners for table, owners in rows.empty_sets.items() if owners}
    return rows


def _members(table: str, owner: str, members: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The distinct members of a set, numbered in order of first appearance where it is numbered."""
    column, numbered = SETS[table]
    given = table == "playlist_items"
    seen: set[tuple[Any, ...]] = set()
    taken: set[int] = {member["position"] for member in members if member.get("position") is not None}
    used: set[int] = set()
    free = 0
    for member in members:
        position = member.get("position")
        identity = (member["track_id"], position) if given else tuple(member.values())
        if identity in seen:
            continue
        seen.add(identity)
        row = {column: owner, **member}
        if numbered:
            if position is None or position in used:
                while free in taken or free in used:
                    free += 1
                position = free
            used.add(position)
            row["position"] = position
        yield row


def _columns(values: list[dict[str, Any]]) -> Columns:
    names = dict.fromkeys(name for row in values for name in row)
    return {name: [row.get(name, msgspec.UNSET) for row in values] for name in names}


def _rejected(row: int, problem: Problem | None) -> Rejected:
    if problem is None:
        return Rejected(where=f"row {row}", reason="no reason is on record")
    where = f"row {row}" + (f", column {problem.column}" if problem.column else "")
    return Rejected(
        where=where, reason=problem.reason + (f" (found '{problem.value}')" if problem.value else "")
    )
