"""Which files appends added to a Delta table between two of its versions.

Compaction says that its files change no data, and is passed over; whatever takes rows away ends the story.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec
from deltalake.exceptions import DeltaError
from deltalake.fs import DeltaStorageHandler

from tunelake.lake.places.place import Place

_LINES = msgspec.json.Decoder(dict[str, Any])
_MOST = 1000
"""More commits than that are not read one by one: who asks starts anew."""


def added(place: Place, since: int, until: int) -> list[str] | None:
    """List the files whose rows a table has at one version and had not at an earlier one.

    They are there to be read, also when they were compacted meanwhile.

    Args:
        place: Where the table is.
        since: A version, or -1 for the time before the first.
        until: A later version, or the same.

    Returns:
        Their addresses, or None when rows were taken away between them (an erasure, an overwrite), when a
        commit was cleaned away or one of the files is gone: then start anew.
    """
    from pyarrow.fs import FileType, PyFileSystem

    if not since <= until <= since + _MOST:
        return None
    found: list[str] = []
    try:
        files = PyFileSystem(DeltaStorageHandler(place.uri, dict(place.options)))
        for version in range(since + 1, until + 1):
            with files.open_input_file(f"_delta_log/{version:020}.json") as commit:
                for action in _changes(commit.read()):
                    if "add" not in action:
                        return None
                    found.append(unquote(action["add"]["path"]))
        gone = [info for info in files.get_file_info(found) if info.type != FileType.File]
    except (DeltaError, OSError, msgspec.DecodeError):
        return None
    return None if gone else [f"{place.uri.rstrip('/')}/{path}" for path in found]


def _changes(commit: bytes) -> Iterator[dict[str, Any]]:
    """Give the actions of a commit that add rows or take them away."""
    for action in _LINES.decode_lines(commit):
        told = action.get("add") or action.get("remove")
        if told and told.get("dataChange", True):
            yield action
