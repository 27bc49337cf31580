"""Brings a home to what this version writes: its format, and tables that an older contract wrote.

Old data can be queried without it; landing into a table whose type has changed needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake import home as homes
from tunelake.lake.contracts.contract import Contract, load
from tunelake.lake.contracts.schema import outgrown
from tunelake.lake.history.latest import log
from tunelake.lake.tables.delta_tables import DeltaTables

if TYPE_CHECKING:
    import duckdb

Step = Callable[[Path], None]

STEPS: Mapping[int, Step] = {}
"""What brings a home of a format to the next, by format; each may be done twice."""


class TableUpgrade(msgspec.Struct, frozen=True, kw_only=True):
    """A table that is not as its contract says.

    Attributes:
        added: Columns that it gets.
        changed: Columns that get another type.
        gone: Columns that it had by another name.
    """

    table: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]


class UpgradeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was, or is, to be done.

    Attributes:
        was: Format of the home before.
        format: Format that this version writes.
        tables: Tables that are brought to their contracts.
    """

    was: int
    format: int
    tables: tuple[TableUpgrade, ...]

    @property
    def needed(self) -> bool:
        """True when something was not up to date."""
        return self.was < self.format or bool(self.tables)


def upgrade_format(root: Path, *, check: bool = False) -> int:
    """Bring the folder itself to the format of this version, step by step; each is noted when it is done.

    Args:
        root: The home.
        check: Change nothing.

    Returns:
        The format before.

    Raises:
        ConfigError: There is no home, or a newer version wrote it.
    """
    note = homes.read_note(root)
    if note is None:
        raise ConfigError(f"{root} is no home of Tunelake: nothing to upgrade")
    if note.format > homes.FORMAT:
        raise ConfigError(
            f"{root} has format {note.format}, this version knows {homes.FORMAT}: upgrade Tunelake"
        )
    for number in () if check else range(note.format, homes.FORMAT):
        STEPS[number](root)
        homes.write_note(root, msgspec.structs.replace(note, format=number + 1))
    return note.format


def behind(tables: DeltaTables) -> list[TableUpgrade]:
    """List the tables that an older contract wrote."""
    there = set(tables.names())
    found = [_compared(contract, tables) for name, contract in load().items() if name in there]
    return [one for one in found if one.added or one.changed or one.gone]


def upgrade_tables(
    connection: duckdb.DuckDBPyConnection, tables: DeltaTables, found: list[TableUpgrade]
) -> None:
    """Write tables as their contracts say; the caller holds the lander's lock.

    Raises:
        Fatal: A table cannot be written; it is as it was.
    """
    for one in found:
        contract = load()[one.table]
        rows = f"SELECT * FROM ({log(contract, tables.files(one.table))}) AS logged ORDER BY _key"  # noqa: S608
        tables.rewrite(contract, connection.sql(rows))


def _compared(contract: Contract, tables: DeltaTables) -> TableUpgrade:
    schema = tables.schema(contract.table)
    lacking, other = outgrown(schema, contract)
    gone = {column.was for column in contract.columns} & set(schema.names)
    return TableUpgrade(
        table=contract.table,
        added=tuple(sorted(lacking)),
        changed=tuple(sorted(other)),
        gone=tuple(sorted(gone)),
    )
