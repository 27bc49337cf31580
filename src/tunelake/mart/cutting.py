"""How a mart is cut in parts by the ids of its entities. Pure."""

from __future__ import annotations

PART = "_part"
_ROWS, _MOST = 2500, 10


def cuts_for(rows: int) -> int:
    """Say in how many parts to cut a mart, as a power of 2: a part has a few thousand rows."""
    return min(max(rows // _ROWS, 1).bit_length() - 1, _MOST)


def part_of(entity_id: str, cuts: int) -> str:
    """Write, in SQL, the part of an entity: ids are hashes, and the first bits of one say it.

    Args:
        entity_id: The id in SQL.
        cuts: There are 2 to the power of so many parts.
    """
    return f"(coalesce(try_cast('0x' || substr({entity_id}, 2, 4) as integer), 0) >> {16 - cuts})"


def in_parts(relation: str, cuts: int) -> str:
    """Write the query of rows with their part, in order."""
    return f"select *, {part_of('entity_id', cuts)} as {PART} from {relation} order by {PART}, entity_id"  # noqa: S608  (our own names)
