"""Read what can be read of a page in which something has the wrong type.

A field of another type is left out and counts as absent, so that what was known of it stays; where that would
make something false (an id, an element of a set), the item around it goes. Nothing goes without its name.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tunelake.domain.rows import Rejected

# The lists whose elements stand for themselves: one can go without making the others wrong.
# (An artist taken out of a track would leave a false set of artists, so the whole set goes.)
_ELEMENT = re.compile(
    r"(?:^\$\.artists|^\$\.artists\.items|\.(?:items|tracks|albums|playlists|audio_features))\[\d+\]"
)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_MISSING = "Object missing required field"
_AS_IT_STANDS = "Expected `raw`"

Steps = list[str | int]


def salvage(body: bytes, type_: Any) -> tuple[Any, list[Rejected]]:  # noqa: ANN401  any shape of answer
    """Decode a body, leaving out the fields and items that do not fit.

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
            if reason.startswith(_AS_IT_STANDS) and _keep(tree, _steps(path)):
                continue
            if not _leave_out(tree, path, reason, rejected):
                rejected.append(Rejected(where=path, reason=reason))
                return None, rejected


def _leave_out(tree: Any, path: str, reason: str, rejected: list[Rejected]) -> bool:  # noqa: ANN401  JSON
    """Make what is at a path fit; False when only the whole answer could go."""
    bad = [match.end() for match in _ELEMENT.finditer(path)]
    within = path[bad[-1] :] if bad else path
    keys = [match for match in _STEP.finditer(within) if match[1]]
    if keys and keys[-1][1] != "id" and (bad or not _is_list_of_all(within)):
        end = len(path) - len(within) + keys[-1].end()
        whole = end == len(path) and not reason.startswith(_MISSING)
        count = _drop(tree, _steps(path[:end]), whole=whole)
        where = re.sub(r"\[\d+\]", "[*]", path) if count > 1 else path
        many = f" in {count} places" if count > 1 else ""
        rejected.append(Rejected(where=where, reason=f"{reason}{many}; the field counts as absent"))
        return True
    if not bad:
        return False
    rejected.append(Rejected(where=path, reason=reason))
    steps = _steps(path[: bad[-1]])
    _at(tree, steps[:-1])[steps[-1]] = None
    return True


def _is_list_of_all(within: str) -> bool:
    """Whether the list that the whole answer is about stands there."""
    return within.count(".") == 1 and within.startswith(("$.items", "$.artists", "$.albums", "$.tracks"))


def _steps(path: str) -> Steps:
    return [int(index) if index else name for name, index in _STEP.findall(path)]


def _at(tree: Any, steps: Steps) -> Any:  # noqa: ANN401  JSON
    for step in steps:
        tree = tree[step]
    return tree


def _drop(tree: Any, steps: Steps, *, whole: bool) -> int:  # noqa: ANN401  JSON
    """Drop a field; where it is the whole value that does not fit, from all items where it has that type."""
    key, sample = str(steps[-1]), _at(tree, steps)
    if not whole:
        del _at(tree, steps[:-1])[key]
        return 1
    alike = [one for one in _holders(tree, steps) if type(one.get(key)) is type(sample)]
    for holder in alike:
        holder.pop(key, None)
    return len(alike)


def _keep(tree: Any, steps: Steps) -> bool:  # noqa: ANN401  JSON
    """Write a field that is wanted as it stands in the answer, in all items, as JSON again."""
    key = str(steps[-1])
    having = [holder for holder in _holders(tree, steps) if key in holder]
    for holder in having:
        holder[key] = msgspec.Raw(msgspec.json.encode(holder[key]))
    return bool(having)


def _holders(tree: Any, steps: Steps) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    """The objects at the place of a field, whatever the place of the items around them."""
    holders = [tree]
    for step in steps[:-1]:
        inner = (holder if isinstance(step, int) else [holder.get(step)] for holder in holders)
        holders = [value for values in inner for value in values if isinstance(value, dict | list)]
    return [one for one in holders if isinstance(one, dict)]
