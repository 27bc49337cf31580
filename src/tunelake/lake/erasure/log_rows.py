"""A table's log without what tells of somebody, as queries. Pure.

They expect the relations `gone_ids` (id), `gone_names` (name), `gone_pages` (page_id: answers of which
nothing is left) and `cut_pages` (page_id, params, body_hash: answers of which a part is left).
"""

from __future__ import annotations

from tunelake.lake.contracts.contract import Contract, logged
from tunelake.lake.history.latest import literal, name, names
from tunelake.lake.history.news import row_hash
from tunelake.lake.subjects.subject import Subject, kind_of

_OBSERVATION = names(["_key", "observed_at", "page_id"])
_ORDERS = {"rank": 1, "position": 0}  # columns that count the elements of a set, and their first number
_EMPTIED = {
    ("artist", "playlist_items"): ("track_id", "item_type", "name"),
    ("user", "playlists"): ("owner_id", "owner_name"),
}
"""Columns that are no longer told of rows that stay, by who goes and table."""
_PAGES = ("raw_pages", "quarantine")


def gone(contract: Contract, subject: Subject) -> str:
    """Write the condition of the rows that tell of somebody."""
    if contract.table in _PAGES:
        pages = "page_id IN (SELECT page_id FROM gone_pages)"
        return f"({pages} OR {_quoted(contract, subject)})" if contract.table == "quarantine" else pages
    if subject.kind == "source":
        return f"source = {literal(subject.source)}"
    if subject.kind == "user":
        theirs = [one for one in ("user_id", "owner_id") if one in contract.names]
        found = " OR ".join(f"{one} = {literal(subject.asked)}" for one in theirs)
        return f"(source = {literal(subject.source)} AND ({found}))" if found else "false"
    return _told(contract, subject, contract.names)


def _quoted(contract: Contract, subject: Subject) -> str:
    """Write the condition of reasons that quote somebody: of answers of which a part stays, too."""
    if subject.kind != "artist":
        return "false"
    named = "EXISTS (SELECT 1 FROM gone_names AS n WHERE contains(reason, n.name))"
    told = _told(contract, subject, contract.names)
    return f"{told} OR (page_id IN (SELECT page_id FROM cut_pages) AND {named})"  # noqa: S608  (our own SQL)


def owned(contract: Contract, subject: Subject) -> str:
    """Write the condition of the rows whose key goes: of sets, those whose owner does."""
    if (subject.kind, contract.table) in _EMPTIED and not contract.is_set:
        return "false"
    if not contract.is_set or subject.kind != "artist":
        return gone(contract, subject)
    return _told(contract, subject, contract.owner)


def _told(contract: Contract, subject: Subject, columns: tuple[str, ...]) -> str:
    texts = [one.name for one in contract.columns if one.type == "string" and one.name in columns]
    ids = [one for one in texts if one.endswith("id")]
    others = [one for one in texts if one not in ids]
    found = [f"{name(one)} IN (SELECT id FROM gone_ids)" for one in ids]  # noqa: S608  (quoted names)
    found += [
        f"(source = {literal(source)} AND {name(one)} = {literal(short)})"
        for kind, source, short in sorted(subject.short)
        for one in ids
        if kind_of(one) == kind
    ]
    if "artist_name" in others:
        found.append("artist_name IN (SELECT name FROM gone_names)")
    if others:
        text = f"concat_ws(' ', {names(others)})"
        found += [f"regexp_matches({text}, {literal(pattern)})" for pattern in subject.patterns]
    return f"({' OR '.join(found)})" if found else "false"


def kept(contract: Contract, subject: Subject, log: str) -> str:
    """Write the query of the log that stays, in the order of `_key`."""
    columns = names([column.name for column in logged(contract)])
    told = f"coalesce({gone(contract, subject)}, false)"
    if contract.table == "raw_pages":
        rest = _index(log, told)
    elif emptied := _EMPTIED.get((subject.kind, contract.table)):
        rest = _emptied(contract, log, told, emptied)
    elif contract.is_set:
        rest = _sets(contract, log, told, f"coalesce({owned(contract, subject)}, false)")
    else:
        rest = f"SELECT * FROM ({log}) AS logged WHERE NOT {told}"  # noqa: S608  (our own SQL)
    return f"SELECT {columns} FROM ({rest}) AS kept ORDER BY _key"  # noqa: S608  (our own SQL)


def _index(log: str, told: str) -> str:
    """The index of the pages; of those that were cut, what is told of them now."""
    return f"""
SELECT logged.* REPLACE (
  coalesce(cut.params, logged.params) AS params, coalesce(cut.body_hash, logged.body_hash) AS body_hash
) FROM (SELECT * FROM ({log}) AS every WHERE NOT {told}) AS logged
LEFT JOIN cut_pages AS cut ON cut.page_id = logged.page_id"""  # noqa: S608  (our own SQL)


def _emptied(contract: Contract, log: str, told: str, columns: tuple[str, ...]) -> str:
    """Playlists stay, and their places: who owns one, or what stood at a place, is no longer told."""
    nothing = ", ".join(f"NULL::VARCHAR AS {name(one)}" for one in columns)
    return f"""
SELECT * REPLACE ({row_hash(contract)} AS _hash) FROM (
  SELECT * REPLACE ({nothing})
  FROM ({log}) AS logged WHERE {told}
) AS emptied
UNION ALL BY NAME SELECT * FROM ({log}) AS logged WHERE NOT {told}"""  # noqa: S608  (our own SQL)


def _sets(contract: Contract, log: str, told: str, owner: str) -> str:
    """Sets without some elements; one that has none left is known to be empty, not unknown."""
    order = next((one for one in _ORDERS if one in contract.names), None)
    counted = ""
    if order:
        sql_type = next(one.sql_type for one in contract.columns if one.name == order)
        number = (
            f"row_number() OVER (PARTITION BY {_OBSERVATION} ORDER BY {name(order)}) - 1 + {_ORDERS[order]}"
        )
        counted = f" REPLACE (({number})::{sql_type} AS {name(order)})"
    nothing = ", ".join(
        f"NULL::{one.sql_type} AS {name(one.name)}"
        for one in contract.columns
        if one.name not in contract.owner
    )
    return f"""
WITH logged AS (SELECT *, {told} AS _is_gone, {owner} AS _is_owned FROM ({log}) AS every),
touched AS (SELECT DISTINCT {_OBSERVATION} FROM logged WHERE _is_gone),
cut AS (SELECT * FROM logged SEMI JOIN touched USING ({_OBSERVATION}) WHERE NOT _is_owned),
rest AS (SELECT *{counted} FROM cut WHERE NOT _is_gone),
emptied AS (
  SELECT DISTINCT ON ({_OBSERVATION}) * REPLACE ({nothing})
  FROM cut ANTI JOIN rest USING ({_OBSERVATION})
)
SELECT * EXCLUDE (_is_gone, _is_owned) FROM logged ANTI JOIN touched USING ({_OBSERVATION})
UNION ALL BY NAME
SELECT * EXCLUDE (_is_gone, _is_owned) REPLACE ({row_hash(contract)} AS _hash)
FROM (FROM rest UNION ALL BY NAME FROM emptied) AS changed"""  # noqa: S608  (our own SQL)
