"""How large a lake is and how far it has landed, from the logs of its Delta tables alone; no row is read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from tunelake.errors import TunelakeError
from tunelake.lake.home import Home
from tunelake.lake.landing import records
from tunelake.lake.landing.segments import base_of, holding, name_of
from tunelake.lake.places.place import Place
from tunelake.observe.file_sizes import sizes
from tunelake.observe.status import LakeState, TableState

_LANDING = "tunelake.landing"
_PAGES = "raw_pages"
_MOST_HEAD = 1 << 20
_PARTS = ("raw", "tables", "marts")


def lake_state(home: Home) -> LakeState:
    """Look at a lake, beside whoever writes it."""
    tables: list[TableState] = []
    troubles: list[str] = []
    position, landed_at = 0, None
    names, bytes_ = _reached(home, troubles)
    for name in names:
        try:
            table = home.tables.look([name]).get(name)
            if table is None:
                continue
            tables.append(_table(name, table))
            if name == _PAGES:
                position = table.transaction_version(_LANDING) or 0
                landed_at = _last_commit(home.tables / name / "_delta_log")
        except (DeltaError, OSError, TunelakeError) as error:
            troubles.append(f"table {name} cannot be read: {error}")
    waiting, since = _waiting(home, position)
    return LakeState(
        place=home.far.uri if home.far else "",
        bytes=bytes_,
        copies_bytes=home.far.copies.bytes() if home.far else 0,
        copies_most=home.far.copies.most if home.far else None,
        tables=tables,
        landed_at=landed_at,
        waiting_bytes=waiting,
        waiting_since=since,
        troubles=troubles,
    )


def _reached(home: Home, troubles: list[str]) -> tuple[list[str], dict[str, int]]:
    """The tables of the lake and how large its parts are; nothing of one that does not answer."""
    found = {"serving": sum(size for _, size in sizes(home.serving))}
    try:
        parts = {part: sum(file.size for file in home.at(part).files()) for part in _PARTS}
        return home.tables.tables(), parts | found
    except TunelakeError as error:
        troubles.append(str(error))
        return [], found


def _table(name: str, table: DeltaTable) -> TableState:
    actions = table.get_add_actions(flatten=True)
    rows = [one or 0 for one in actions.column("num_records").to_pylist()]
    sizes = actions.column("size_bytes").to_pylist()
    return TableState(name=name, version=table.version(), rows=sum(rows), files=len(sizes), bytes=sum(sizes))


def _last_commit(log: Place) -> datetime | None:
    times = [file.changed_at for file in log.files() if file.name.endswith(".json")]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _waiting(home: Home, position: int) -> tuple[int, datetime | None]:
    """How many bytes of the landing log have not been landed, and since when the first of them waits."""
    bases = sorted(base for entry in os.scandir(home.landing) if (base := base_of(entry.name)) is not None)
    if not bases:
        return 0, None
    end = bases[-1] + (home.landing / name_of(bases[-1])).stat().st_size
    # Of a lake that is far away only what waits is here.
    position = position if home.far is None else bases[0]
    if end <= position:
        return 0, None
    for base in bases[holding(bases, position) :]:
        fetched = _fetched_at(home.landing / name_of(base), max(position - base, 0))
        if fetched:
            return end - position, fetched
    return end - position, None


def _fetched_at(segment: Path, offset: int) -> datetime | None:
    with segment.open("rb") as file:
        file.seek(offset)
        head = file.read(_MOST_HEAD)
    try:
        return records.meta(head).page.fetched_at
    except records.Broken:
        # Half of a record, which is being written, or damage, which the lander tells of.
        return None
