"""Whether a person's query reads and does nothing else, told from its parsed form. Pure.

A statement of type SELECT may write all the same: `WITH x AS (COPY ...)`; and one of type EXPLAIN runs
what it explains. So the parts of a query are compared with those known to read; anything new is refused.
"""

from __future__ import annotations

import re

_READING = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"})
# It runs a text, which stands in the parsed form as a text.
_RUNNING = frozenset({"query"})
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
# Inside a text of the query quotes are escaped: only the parsed form's own fields match.
_NODE = re.compile(r'"type":\s*"(\w+_NODE)"')
_FUNCTION = re.compile(r'"function_name":\s*"(\w+)"')
_FAILED = re.compile(r'\{\s*"error":\s*true')


def explained(query: str) -> str:
    """Return the query that an EXPLAIN explains, or the query itself."""
    return _EXPLAIN.sub("", query, count=1) if _EXPLAIN.match(query) else query


def only_reads(parsed: str) -> bool:
    """Tell whether a query only reads.

    Args:
        parsed: What DuckDB's `json_serialize_sql` gives for it; for anything but a SELECT an error.
    """
    nodes, functions = set(_NODE.findall(parsed)), {name.lower() for name in _FUNCTION.findall(parsed)}
    return not _FAILED.match(parsed) and bool(nodes) and nodes <= _READING and not functions & _RUNNING
