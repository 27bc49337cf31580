"""The data dictionary: every table and column in words, written from the contracts. Pure."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from tunelake.lake.contracts.contract import SYSTEM, Column, Contract, load

_HEAD = """# Data dictionary

Written from the contracts in `src/tunelake/lake/contracts` by
`python -m tunelake.lake.contracts.dictionary > docs/data-dictionary.md`: change those.
[Table contracts](contracts.md) tells how a contract file is read.

`<table>` is the current state, `<table>_history` every observation that said something new. Every table has:

"""


def dictionary(contracts: Mapping[str, Contract]) -> str:
    """Write the dictionary of all tables as Markdown."""
    parts = [_HEAD + _columns(SYSTEM)]
    parts += [_table(contract) for contract in contracts.values()]
    return "\n".join(parts)


def _table(contract: Contract) -> str:
    if contract.is_set:
        unit = (
            f"A set: the unit is the whole set of an owner ({_listed(contract.identity)}); "
            f"an element is one {_listed(contract.element)}."
        )
    else:
        unit = f"One row a key ({_listed(contract.identity)}); each column holds its latest known value."
    head = f"## {contract.table}\n\n{contract.meaning} {unit} Kept by: {contract.steward}.\n"
    return f"{head}\n{_columns(contract.columns)}"


def _columns(columns: Iterable[Column]) -> str:
    rows = ["| column | type | unit | meaning | field at the source |", "|---|---|---|---|---|"]
    for column in columns:
        name = f"`{column.name}`" + ("" if column.nullable else ", never null")
        field = f"`{column.field}`" if column.field else ""
        rows.append(f"| {name} | {column.type} | {column.unit} | {column.meaning} | {field} |")
    return "\n".join(rows) + "\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(dictionary(load()))
