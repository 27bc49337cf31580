"""Read what can be read of a page in which something has the wrong type."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tunelake.domain.rows import Rejected

# The lists whose elements stand for themselves: one can go without making the others wrong.
# (An artist taken out of a track would leave a false set of artists, so the whole track goes.)
_ELEMENT = re.compile(
    r"(?:^\$\.artists|^\$\.artists\.items|\.(?:items|tracks|albums|playlists|audio_features))\[\d+\]"
)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def salvage(body: bytes, type_: Any) -> tuple[Any, list[Rejected]]:  # noqa: ANN401  any shape of answer
    """Decode a body, leaving out the items that do not fit.

    Returns:
        The answer with None in place of each bad item, or None when the answer as a whole does not
        fit; and what was rejected.
    """
    tree = msgspec.json.decode(body)
    rejected: list[Rejected] = []
    while True:
        try:
            return msgspec.convert(tree, type_), rejected
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at `")
            path = path.rstrip("`") or "$"
            bad = [match.end() for match in _ELEMENT.finditer(path)]
            rejected.append(Rejected(where=path, reason=reason))
            if not bad:
                return None, rejected
            _blank(tree, path[: bad[-1]])


def _blank(tree: Any, path: str) -> None:  # noqa: ANN401  JSON
    steps: list[str | int] = [int(index) if index else name for name, index in _STEP.findall(path)]
    for step in steps[:-1]:
        tree = tree[step]
    tree[steps[-1]] = None
