"""Open sources that change: which object of an answer is which, so that its fields can be others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tunelake.sandbox.server.changes import Change, apply

_LISTED = {
    "aliases": "alias", "artist": "artist", "artists": "artist", "recordings": "recording",
    "relations": "relation", "release-group": "release-group", "release-groups": "release-group",
    "releases": "release", "tags": "tag", "genres": "tag", "listens": "listen", "url": "url",
    "life-span": "life-span", "track_metadata": "played",
}  # fmt: skip
_ROOTS = {
    "/ws/2/artist/": "artist", "/ws/2/url": "url", "/1/popularity/artist": "count",
    "/1/popularity/top-recordings": "recording", "/1/lb-radio/": "near",
}  # fmt: skip


def changed_answer(path: str, answer: Any, changes: Sequence[Change]) -> Any:  # noqa: ANN401  JSON
    """An answer to a path as an API that has changed gives it; it is changed in place."""
    root = next((kind for start, kind in _ROOTS.items() if path.startswith(start)), "page")
    if root == "page" and isinstance(answer, dict) and isinstance(answer.get("payload"), dict):
        changed_answer(path, answer["payload"], changes)
        return answer
    below = list(answer.values()) if root == "near" and isinstance(answer, dict) else answer
    for kind, one in list(_objects(below, root)):
        for change in changes:
            if change.object == kind:
                apply(one, change)
    return answer


def _objects(tree: Any, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401  JSON
    if isinstance(tree, list):
        for one in tree:
            yield from _objects(one, kind)
    elif isinstance(tree, dict):
        for field, value in tree.items():
            if isinstance(value, dict | list) and field in _LISTED:
                yield from _objects(value, _LISTED[field])
        yield kind, tree
