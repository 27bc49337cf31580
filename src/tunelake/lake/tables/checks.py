"""What must hold of a table or a mart, as SELECTs of the rows that offend; what contracts promise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from tunelake.lake.contracts.contract import Contract, public
from tunelake.lake.history.latest import name, names

EXAMPLES = 3
"""Offending rows that a message names."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One promise.

    Attributes:
        table: The table or mart.
        kind: What is promised: unique, not null, range, rows, none, fresh, or the name of a rule.
        meaning: Completes "<number> ...".
        offences: A SELECT of the rows that break the promise; nothing when all is well.
        severity: An error makes a check fail; a warning is told.
    """

    table: str
    kind: str
    meaning: str
    offences: str
    severity: Literal["error", "warning"] = "error"

    @property
    def some(self) -> str:
        """The SELECT of the first few offences, always the same."""
        return f"SELECT * FROM ({self.offences}) AS offences ORDER BY ALL LIMIT {EXAMPLES}"  # noqa: S608  (ours)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found.

    Attributes:
        check: The promise.
        offences: Rows that break it.
        examples: The first few of them.
    """

    check: Check
    offences: int
    examples: tuple[dict[str, Any], ...] = ()

    @property
    def fails(self) -> bool:
        """True when the promise is broken and that is an error."""
        return self.offences > 0 and self.check.severity == "error"

    def __str__(self) -> str:
        check = self.check
        shown = "; ".join(_row(row) for row in self.examples)
        return f"{check.table}: {self.offences:,} {check.meaning}" + (
            f", for example {shown}" if shown else ""
        )


def counts(checks: Sequence[Check]) -> str:
    """Write the query of the number of offences `n` against each check, by its `place`; all at once."""
    return " UNION ALL ".join(
        f"SELECT {place} AS place, count(*) AS n FROM ({check.offences}) AS offences"  # noqa: S608  (ours)
        for place, check in enumerate(checks)
    )


def _row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in row.items())


def checks(contract: Contract, now: datetime) -> list[Check]:
    """List what a contract promises of the current state.

    Args:
        contract: The table.
        now: The present, against which freshness is told (aware).
    """
    table, key = name(contract.table), names(contract.primary_key)
    found = [
        Check(
            table=contract.table,
            kind="unique",
            meaning=f"rows have a key ({', '.join(contract.primary_key)}) of another row",
            offences=f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1",  # noqa: S608  (contracts)
        )
    ]
    for column in public(contract):
        quoted = name(column.name)
        bad = {
            "not null": "" if column.nullable else f"{quoted} IS NULL",
            "range": " OR ".join(
                f"{quoted} {sign} {end:g}"
                for sign, end in (("<", column.min), (">", column.max))
                if end is not None
            ),
        }
        found += [
            Check(
                table=contract.table,
                kind=kind,
                meaning=f"rows have {'no' if kind == 'not null' else 'an impossible'} {column.name}",
                offences=f"SELECT {key}, {quoted} AS found FROM {table} WHERE {where}",  # noqa: S608  (contracts)
            )
            for kind, where in bad.items()
            if where
        ]
    return [*found, *_freshness(contract, now), *_rules(contract)]


def _freshness(contract: Contract, now: datetime) -> list[Check]:
    if contract.fresh_days is None:
        return []
    offences = (
        f"SELECT source, max(observed_at) AS newest FROM {name(contract.table)} GROUP BY source "  # noqa: S608
        f"HAVING max(observed_at) < TIMESTAMPTZ '{now.isoformat()}' - INTERVAL {contract.fresh_days} DAY"
    )
    meaning = f"sources whose newest observation is older than {contract.fresh_days} days"
    return [Check(table=contract.table, kind="fresh", meaning=meaning, offences=offences, severity="warning")]


def _rules(contract: Contract) -> list[Check]:
    return [
        Check(
            table=contract.table,
            kind=rule.name,
            meaning=f"rows {rule.meaning}",
            offences=rule.none,
            severity=rule.severity,
        )
        for rule in contract.rules
    ]
