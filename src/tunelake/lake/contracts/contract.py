"""The contract of a table: its columns, units, key and meaning, read from one file a table.

Nothing about a table is declared elsewhere: Arrow schemas, store DDL, current views and the data
dictionary derive from here. Columns are append only: column i is bit i of a row's `_absent`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from tunelake.errors import Fatal

Type = Literal["string", "int32", "int64", "float64", "bool", "timestamp"]

SOURCE = "source"
_SQL_TYPES: dict[Type, str] = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column of a table.

    Attributes:
        unit: Unit or scale of the values ("ms", "0-1"); empty where there is none.
        field: Where the value stands in the Spotify Web API's answer; empty when it is not from there.
        rights: "row" when the rights tag of the row decides what may be done with the value.
        was: How the column was called in an earlier version; files written then are read with it.
        nullable: False for columns that identify.
        min: Least value allowed; a row with a smaller one goes to quarantine.
        max: Greatest value allowed.
        expires_days: How long a value may be kept after it was observed last; then it becomes null.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    field: str = ""
    rights: str = "row"
    was: str = ""
    nullable: bool = True
    min: float | None = None
    max: float | None = None
    expires_days: int | None = None

    @property
    def sql_type(self) -> str:
        """The column's type in standard SQL."""
        return _SQL_TYPES[self.type]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold of a table's current state beyond its columns.

    Attributes:
        name: Names the rule in messages.
        meaning: What is wrong with the rows that break it, after "<number> rows".
        none: A SELECT of the rows that break it, over the current tables.
        severity: An error makes a check fail; a warning is told.
    """

    name: str
    meaning: str
    none: str
    severity: Literal["error", "warning"] = "error"


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table.

    Attributes:
        version: Grows with every change: the first number where readers have to change, too.
        fresh_days: The newest row shall not be older; None where nobody waits for news.
        steward: The part of the product that answers for the table.
        unit: "row": the latest value per key and column. "set": the owner's whole set is the unit.
        key: Key columns of a row table, after the source.
        owner: Columns that name the owner of a set, after the source.
        element: Columns that name an element of a set; the first is null in the row of an empty set.
        paged: True when a set is spread over the pages of a listing, so that the page alone is not it.
        rights: "row" when each row carries its own rights tag.
    """

    table: str
    meaning: str
    steward: str
    unit: Literal["row", "set"]
    columns: tuple[Column, ...]
    version: str = "1.0.0"
    fresh_days: int | None = None
    rules: tuple[Rule, ...] = ()
    rights: str = "row"
    key: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    element: tuple[str, ...] = ()
    paged: bool = False

    @property
    def is_set(self) -> bool:
        """True when the unit is an owner's whole set."""
        return self.unit == "set"

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns whose hash is `_key`: the source, then the key or the owner."""
        return (SOURCE, *(self.owner if self.is_set else self.key))

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns that are unique in the current state."""
        return (*self.identity, *self.element)

    @property
    def names(self) -> tuple[str, ...]:
        """The table's own columns in order; the place is the bit in `_absent`."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> frozenset[str]:
        """Columns that may not be null in a row of this table."""
        return frozenset((*self.identity, *self.element[:1])) & frozenset(self.names)


SYSTEM: tuple[Column, ...] = (
    Column(name="source", type="string", nullable=False, meaning="Name space of the ids in the row."),
    Column(
        name="observed_at",
        type="timestamp",
        unit="UTC",
        nullable=False,
        meaning="When it was so at the source.",
    ),
    Column(
        name="expires_at",
        type="timestamp",
        unit="UTC",
        meaning="When it must be gone; null when it may stay.",
    ),
    Column(name="rights", type="string", nullable=False, meaning="Rights tag of the row."),
    Column(name="page_id", type="string", nullable=False, meaning="The answer it was read from (raw_pages)."),
)
"""Columns the lake adds to every table."""

_KEY = Column(name="_key", type="int64", nullable=False, meaning="Hash of the key or the owner.")
_HASH = Column(name="_hash", type="int64", nullable=False, meaning="Hash of the row's values.")
_PRIVATE_ROW = (
    _KEY,
    Column(name="_absent", type="int64", nullable=False, meaning="Bit i: the answer did not have column i."),
    Column(name="_row", type="int32", nullable=False, meaning="Place of the row in its page."),
    _HASH,
)
_PRIVATE_SET = (
    _KEY,
    Column(name="_whole", type="bool", nullable=False, meaning="The set of this observation is complete."),
    _HASH,
)


def public(contract: Contract) -> tuple[Column, ...]:
    """List what people see: the source, the table's own columns, then the other system columns.

    A table may have a system column in its key (the page of a raw page); it is listed once.
    """
    return (SYSTEM[0], *contract.columns, *SYSTEM[1:])


def logged(contract: Contract) -> tuple[Column, ...]:
    """List every column of the table's log, the private ones first."""
    return (*(_PRIVATE_SET if contract.is_set else _PRIVATE_ROW), *public(contract))


def ddl(contract: Contract) -> dict[str, str]:
    """Map each public column to its SQL type, in order, for a store that wants to hold the table."""
    return {column.name: column.sql_type for column in public(contract)}


def decode(text: str) -> Contract:
    """Read a contract file.

    Raises:
        Fatal: The file is not a contract: the installation is damaged.
    """
    try:
        contract = msgspec.toml.decode(text, type=Contract)
    except msgspec.DecodeError as error:
        raise Fatal(f"a table contract cannot be read: {error}") from error
    known = {*contract.names, *(column.name for column in SYSTEM)}
    missing = [name for name in contract.primary_key if name not in known]
    if missing or len(set(contract.names)) != len(contract.names):
        raise Fatal(f"contract '{contract.table}' names columns twice or not at all: {missing}")
    for column in contract.columns:
        if column.expires_days is not None and column.name in (*contract.primary_key, *contract.required):
            raise Fatal(f"contract '{contract.table}': '{column.name}' names the row, it cannot expire alone")
    return contract


@cache
def load() -> dict[str, Contract]:
    """Read all contracts, by table name in alphabetical order."""
    folder = resources.files("tunelake.lake").joinpath("contracts")
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda f: f.name)
    contracts = [decode(item.read_text(encoding="utf-8")) for item in files]
    return {contract.table: contract for contract in contracts}
