"""Read what can be read of a page in which something has the wrong type.

A field of another type is left out and counts as absent, so that what was known of it stays; where that would
make something false (an id, an element of a set), the item around it goes. Nothing goes without its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from tunelake.domain.rows import Rejected
from tunelake.sources.gist import Misshapen

# The lists whose elements stand for themselves: one can go without making the others wrong.
# (An artist taken out of a track would leave a false set of artists, so the whole set goes.)
_ELEMENT = re.compile(
    r"(?:^\$|^\$\.artists|^\$\.artists\.items"
    r"|\.(?:items|tracks|albums|playlists|audio_features|release-groups|releases|recordings|listens))\[\d+\]"
)
_STEP = re.compile(r"\.([\w-]+)|\[(\d+|\.\.\.)\]")
_MISSING = "Object missing required field"
_ANY = "..."
_TYPES = {
    "int": int, "float": float, "str": str, "bool": bool, "array": list, "object": dict, "null": type(None),
}  # fmt: skip
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


def read_as(body: bytes, type_: Any) -> Any:  # noqa: ANN401  any shape of answer
    """Decode a body without what does not fit; who lands it says what that was.

    Raises:
        Misshapen: It does not fit as a whole.
        ValueError: It is no JSON.
    """
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError:
        answer, rejected = salvage(body, type_)
        if answer is None:
            raise Misshapen(f"{rejected[-1].reason} at {rejected[-1].where}") from None
        return answer


def _leave_out(tree: Any, path: str, reason: str, rejected: list[Rejected]) -> bool:  # noqa: ANN401  JSON
    """Make what is at a path fit; False when only the whole answer could go."""
    bad = [match.end() for match in _ELEMENT.finditer(path)]
    within = path[bad[-1] :] if bad else path
    keys = [match for match in _STEP.finditer(within) if match[1]]
    if keys and keys[-1][1] != "id" and (bad or not _is_list_of_all(within)):
        end = len(path) - len(within) + keys[-1].end()
        whole = end == len(path) and not reason.startswith(_MISSING)
        steps = _steps(path[:end])
        if _ANY in steps and not whole:
            return False
        count = _drop(tree, steps, whole=whole, reason=reason)
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
    return [int(index) if index.isdigit() else name or index for name, index in _STEP.findall(path)]


def _at(tree: Any, steps: Steps) -> Any:  # noqa: ANN401  JSON
    for step in steps:
        tree = tree[step]
    return tree


def _wrong(tree: Any, steps: Steps, reason: str) -> Any:  # noqa: ANN401  JSON
    """The value that does not fit; below keys of any name, one of the type that was met."""
    if _ANY not in steps:
        return _at(tree, steps)
    met = _TYPES.get(reason.rpartition("got `")[2].partition("`")[0])
    key = str(steps[-1])
    return next(one[key] for one in _holders(tree, steps) if key in one and type(one[key]) is met)


def _drop(tree: Any, steps: Steps, *, whole: bool, reason: str) -> int:  # noqa: ANN401  JSON
    """Drop a field; where it is the whole value that does not fit, from all items where it has that type."""
    key, sample = str(steps[-1]), _wrong(tree, steps, reason) if whole else None
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
        inner = (_below(holder, step) for holder in holders)
        holders = [value for values in inner for value in values if isinstance(value, dict | list)]
    return [one for one in holders if isinstance(one, dict)]


def _below(holder: Any, step: str | int) -> Iterable[Any]:  # noqa: ANN401  JSON
    if isinstance(holder, list):
        return holder
    return holder.values() if step == _ANY else [holder.get(step)]
