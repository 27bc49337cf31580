from __future__ import annotations

import msgspec

from tunelake.lake.contracts.contract import load
from tunelake.lake.rows.typed import ABSENT, Gather


def test_columns_of_a_later_contract_are_absent_from_rows_of_today() -> None:
    contract = load()["artists"]
    older = msgspec.structs.replace(contract, columns=contract.columns[:-1])
    gather = Gather(older)
    gather.add(0, {name: [None if name != "artist_id" else "a"] for name in older.names})
    (mask,) = gather.finish().rows.column(ABSENT).to_pylist()
    # Nothing was absent but the one column that this version does not know.
    assert [name for bit, name in enumerate(contract.names) if mask & 1 << bit] == [contract.names[-1]]


def test_unset_values_are_null_and_marked() -> None:
    gather = Gather(load()["artists"])
    gather.add(0, {"artist_id": ["a", "b"], "name": ["A", msgspec.UNSET]})
    rows = gather.finish().rows
    assert rows.column("name").to_pylist() == ["A", None]
    assert [mask & 2 for mask in rows.column(ABSENT).to_pylist()] == [0, 2]
