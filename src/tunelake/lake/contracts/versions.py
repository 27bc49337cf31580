"""The versions of the contracts: the shape of each is on record, and a change has to say what it is. Pure.

The record is `contracts/versions.json`. A test of `make check` compares it with the contract files, so that a
change of shape without a new version and a note does not pass unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Literal

import msgspec

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Contract, Type

Record = Mapping[str, tuple["Version", ...]]
Size = Literal["none", "minor", "major"]

_WIDER: Mapping[Type, tuple[Type, ...]] = {"int32": ("int64", "float64")}
"""What a type can become without a value that changes."""


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column, as far as rows and readers depend on it."""

    name: str
    type: Type
    unit: str = ""
    nullable: bool = True
    min: float | None = None
    max: float | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version of a table.

    Attributes:
        note: What changed, why, and what it means for those who have older data.
        identity: Columns of the key or the owner.
        element: Columns that name an element of a set.
    """

    version: str
    note: str
    unit: str
    identity: tuple[str, ...]
    element: tuple[str, ...] = ()
    columns: tuple[Field, ...]


def of(contract: Contract, note: str) -> Version:
    """Write the version that a contract is now."""
    return Version(
        version=contract.version,
        note=note,
        unit=contract.unit,
        identity=contract.identity,
        element=contract.element,
        columns=tuple(
            Field(name=c.name, type=c.type, unit=c.unit, nullable=c.nullable, min=c.min, max=c.max)
            for c in contract.columns
        ),
    )


def read() -> Record:
    """Read the record.

    Raises:
        Fatal: It cannot be read: the installation is damaged.
    """
    file = resources.files("tunelake.lake").joinpath("contracts", "versions.json")
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, tuple[Version, ...]])
    except (OSError, msgspec.DecodeError) as error:
        raise Fatal(f"the record of contract versions cannot be read: {error}") from error


def write(record: Record) -> bytes:
    """Write a record, a line a version."""
    tables = (
        f'  "{table}": [\n'
        + ",\n".join(f"    {msgspec.json.encode(version).decode()}" for version in versions)
        + "\n  ]"
        for table, versions in sorted(record.items())
    )
    return ("{\n" + ",\n".join(tables) + "\n}\n").encode()


def problems(contract: Contract, versions: tuple[Version, ...]) -> list[str]:
    """Tell why a contract cannot stand beside what is on record; nothing when it is what is on record."""
    if not versions:
        return [f"{contract.table} {contract.version} is not on record"]
    last = versions[-1]
    size, found = _compared(contract, last)
    if found:
        return found
    numbers, before = _numbers(contract.version), _numbers(last.version)
    if size == "none" and numbers == before:
        return []
    if numbers < before:
        return [f"{contract.table} {contract.version} is older than {last.version}, which is on record"]
    needed = (before[0] + 1, 0, 0) if size == "major" else (before[0], before[1] + 1, 0)
    if size != "none" and numbers < needed:
        least = ".".join(map(str, needed))
        return [f"{contract.table} has changed since {last.version}: its version has to be {least} or more"]
    return [f"{contract.table} {contract.version} is not on record"]


def recordable(contract: Contract, versions: tuple[Version, ...]) -> bool:
    """Tell whether a contract that is not on record can be put there."""
    return problems(contract, versions) == [f"{contract.table} {contract.version} is not on record"]


def _compared(contract: Contract, last: Version) -> tuple[Size, list[str]]:
    """Tell how large a change is, and what of it must not be."""
    table, new = contract.table, of(contract, last.note)
    if (new.unit, new.identity, new.element) != (last.unit, last.identity, last.element):
        return "major", [f"{table}: what a row is has changed: make a new table of it"]
    if len(new.columns) < len(last.columns):
        return "major", [f"{table}: a column is gone; columns are append only"]
    sizes: list[Size] = ["minor"] if len(new.columns) > len(last.columns) else []
    found: list[str] = []
    for column, field, old in zip(contract.columns, new.columns, last.columns, strict=False):
        if old.name not in {field.name, column.was}:
            found.append(f"{table}: in the place of {old.name} stands {field.name}; say `was` for a new name")
        if field.type != old.type and field.type not in _WIDER.get(old.type, ()):
            found.append(f"{table}: {old.name} cannot become {field.type}: add a column at the end")
        sizes.append(_size(field, old))
    return max(sizes, key=("none", "minor", "major").index, default="none"), found


def _size(field: Field, old: Field) -> Size:
    if field == old:
        return "none"
    same = (field.name, field.type, field.unit) == (old.name, old.type, old.unit)
    return "minor" if same and (old.nullable or not field.nullable) else "major"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
