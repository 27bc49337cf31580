"""The current state of a table as a query over its log: the one definition of *latest*. Pure.

Row tables: for each column the value of the greatest observation that had the column. Set tables: the
owner's latest whole observation, and what newer incomplete ones add. Observations are ordered by time,
then page, then place in the page, so that the order in which they were landed never matters.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tunelake.lake.contracts.contract import Column, Contract, logged, public

KEY = "_key"


def name(text: str) -> str:
    """Quote a name for SQL."""
    return '"' + text.replace('"', '""') + '"'


def names(columns: tuple[str, ...] | list[str]) -> str:
    """Quote names for SQL, with commas."""
    return ", ".join(map(name, columns))


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def log(contract: Contract, files: list[str]) -> str:
    """Write the query of a table's whole log, private columns included, over its Parquet files.

    The empty first part gives every column of the contract, also those that no file has yet.
    """
    empty = ", ".join(f"NULL::{column.sql_type} AS {name(column.name)}" for column in logged(contract))
    nothing = f"SELECT {empty} WHERE false"
    if not files:
        return nothing
    listed = ", ".join(map(literal, files))
    # Without union_by_name a column that the oldest file lacks is dropped silently.
    read = f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"  # noqa: S608  (our own files)
    return f"{nothing} UNION ALL BY NAME {_renamed(contract, read)}"


def _renamed(contract: Contract, read: str) -> str:
    """Write the query of rows of which some were written when a column had another name."""
    moved = [column for column in contract.columns if column.was]
    if not moved:
        return read
    both = [(word, column.sql_type) for column in moved for word in (column.was, column.name)]
    empty = ", ".join(f"NULL::{kind} AS {name(word)}" for word, kind in both)
    chosen = ", ".join(
        f"coalesce({name(column.name)}, {name(column.was)}) AS {name(column.name)}" for column in moved
    )
    return (
        f"SELECT * EXCLUDE ({names([column.was for column in moved])}) REPLACE ({chosen}) "  # noqa: S608  (contracts)
        f"FROM (SELECT {empty} WHERE false UNION ALL BY NAME {read}) AS written"
    )


def until(source: str, moment: datetime) -> str:
    """Write the query of those observations that had been made at a moment.

    Args:
        source: The log in SQL: a name, or a query in parentheses.
        moment: An aware time.
    """
    at = literal(moment.astimezone(UTC).isoformat())
    return f"SELECT * FROM {source} AS logged WHERE observed_at <= TIMESTAMPTZ {at}"  # noqa: S608  (our own SQL)


def history(contract: Contract, source: str) -> str:
    """Write the query of what people see of the log; empty sets are rows with null elements."""
    columns = [column.name for column in public(contract)]
    return f"SELECT {names(columns)} FROM {source}"  # noqa: S608  (quoted names)


def current(contract: Contract, source: str) -> str:
    """Write the query of the current state.

    Args:
        contract: The table.
        source: The log in SQL: a name, or a query in parentheses.
    """
    return _current_sets(contract, source) if contract.is_set else _current_rows(contract, source)


def state(contract: Contract, source: str) -> str:
    """Write the query of the current state as derived forms keep it: with `_key` and marks of empty sets."""
    return _state_of_sets(contract, source) if contract.is_set else _current_rows(contract, source, KEY)


def visible(contract: Contract, source: str) -> str:
    """Write the query of what people see of a kept state."""
    columns = names([column.name for column in public(contract)])
    shown = f" WHERE {name(contract.element[0])} IS NOT NULL" if contract.is_set else ""
    return f"SELECT {columns} FROM {source} AS kept{shown}"  # noqa: S608  (quoted names)


def bit(contract: Contract, column: Column) -> int:
    """Return the value of a column's bit in `_absent`."""
    return 1 << contract.names.index(column.name)


def _current_rows(contract: Contract, source: str, *private: str) -> str:
    key = names(contract.identity)
    own = {column.name for column in contract.columns}
    chosen = [f"any_value({column}) AS {column}" for column in private]
    for column in public(contract):
        quoted = name(column.name)
        if column.name in contract.identity:
            chosen.append(quoted)
        elif column.name in own:
            had = f"FILTER (_absent & {bit(contract, column)} = 0)"
            chosen.append(f"arg_max_null({quoted}, _place) {had} AS {quoted}")
        else:
            chosen.append(f"arg_max_null({quoted}, _place) AS {quoted}")
    return f"""
SELECT {", ".join(chosen)}
FROM (
  SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY observed_at, page_id, _row) AS _place
  FROM {source} AS logged
) AS placed
GROUP BY {key}"""  # noqa: S608  (names are quoted and come from contracts)


def observation(contract: Contract) -> str:
    """Return SQL that orders the observations of a set: the rows of one observation have it in common.

    A set spread over pages is one observation for all pages of its listing, which share their time.
    """
    return f"row(observed_at, {literal('') if contract.paged else 'page_id'})"


def _current_sets(contract: Contract, source: str) -> str:
    return visible(contract, f"({_state_of_sets(contract, source)})")


def _state_of_sets(contract: Contract, source: str) -> str:
    owner, element = names(contract.identity), names(contract.primary_key)
    seen = observation(contract)
    columns = names([KEY, *(column.name for column in public(contract))])
    return f"""
SELECT {columns}
FROM (
  SELECT *, row_number() OVER (PARTITION BY {element} ORDER BY observed_at DESC, page_id DESC) AS _place
  FROM (
    SELECT *, max(CASE WHEN _whole THEN {seen} END) OVER (PARTITION BY {owner}) AS _from
    FROM {source} AS logged
  ) AS since
  WHERE _from IS NULL OR {seen} >= _from
) AS placed
WHERE _place = 1"""  # noqa: S608  (names are quoted and come from contracts)
