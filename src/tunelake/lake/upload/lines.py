"""The body of an uploaded page: one line of JSON a row, as the file had it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tunelake.domain.pages import Params
from tunelake.lake.upload.mapping import Mapped, kind_named
from tunelake.lake.upload.typed import Plan, Problem

PREFIX = "upload/"
"""Every endpoint of an uploaded page starts with this, whatever its source."""
REJECTED = f"{PREFIX}rejected"
"""Endpoint of the pages that keep the rows which could not be taken."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a file.

    Attributes:
        row: Its number in the file, counted from 1 without the header.
        values: Its values as they came, by the file's own column names.
        tells: By table, the keys of what this row speaks for. Of several rows about one thing the
            first in the file speaks, so that one upload never says two things.
        problem: Why it was not taken; only on pages of rejected rows.
    """

    row: int
    values: dict[str, Any] = {}
    tells: dict[str, tuple[str, ...]] = {}
    problem: Problem | None = None


_DECODER = msgspec.json.Decoder(Line)


def values_json(values: dict[str, Any]) -> bytes:
    """Write the values of a row, in the file's order."""
    return msgspec.json.encode(values)


def taken_line(row: int, values: bytes, tells: Iterable[tuple[str, str]]) -> bytes:
    """Write the line of a row that was taken; `values` from `values_json`."""
    by_table: dict[str, list[str]] = {}
    for table, key in sorted(tells):
        by_table.setdefault(table, []).append(key)
    return msgspec.json.encode({"row": row, "tells": by_table, "values": msgspec.Raw(values)})


def rejected_line(row: int, values: bytes, problem: Problem) -> bytes:
    """Write the line of a row that could not be taken."""
    return msgspec.json.encode({"row": row, "problem": problem, "values": msgspec.Raw(values)})


def decode(body: bytes) -> Iterator[Line]:
    """Read a page's body.

    Raises:
        msgspec.DecodeError: A line is not one of ours.
    """
    return (_DECODER.decode(line) for line in body.splitlines())


def plan_params(plan: Plan) -> Params:
    """Write down in a page's parameters how its rows are read."""
    mapped = [("map", f"{column}={name}") for name, columns in plan.mapped.items() for column in columns]
    return (("kind", plan.kind.name), *mapped, *(("null", text) for text in sorted(plan.nulls)))


def plan_of(params: Params) -> Plan:
    """Read back what `plan_params` wrote.

    Raises:
        ConfigError: The kind is not known to this version.
    """
    mapped: dict[str, list[str]] = {}
    for name, value in params:
        if name == "map":
            column, _, field = value.rpartition("=")
            mapped.setdefault(field, []).append(column)
    known: Mapped = {field: tuple(columns) for field, columns in mapped.items()}
    kind = kind_named(dict(params).get("kind", ""))
    return Plan(kind=kind, mapped=known, nulls=frozenset(v for name, v in params if name == "null"))
