"""An API that changes: fields that are gone, have another name or type, or are new. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, cast, get_args

import msgspec

from tunelake.errors import ConfigError

ChangeKind = Literal["remove", "rename", "retype", "add"]
OBJECTS = ("artist", "album", "track", "playlist", "audio_features")
OF_OPEN_SOURCES = (
    "release-group", "release", "recording", "alias", "relation", "tag", "url", "life-span", "count", "near",
    "listen", "played", "page",
)  # fmt: skip
"""What else there is at the open sources; artists are called the same everywhere."""
NEW_VALUE = "something new"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one field of every object of a kind; `to` is its new name, when it gets one."""

    kind: ChangeKind
    object: str
    field: str
    to: str = ""


def parse_changes(texts: Sequence[str]) -> tuple[Change, ...]:
    """Read `remove:OBJECT.FIELD`, `rename:OBJECT.FIELD=NEW`, `retype:OBJECT.FIELD` and `add:OBJECT.FIELD`.

    Raises:
        ConfigError: A text is none of these.
    """
    return tuple(map(_parse, texts))


def _parse(text: str) -> Change:
    kind, _, rest = text.partition(":")
    of, _, field = rest.partition(".")
    field, _, to = field.partition("=")
    if (
        kind not in get_args(ChangeKind)
        or of not in (*OBJECTS, *OF_OPEN_SOURCES)
        or not field
        or bool(to) != (kind == "rename")
    ):
        raise ConfigError(
            f"drift {text!r} is not understood: write remove:OBJECT.FIELD, rename:OBJECT.FIELD=NEW, "
            f"retype:OBJECT.FIELD or add:OBJECT.FIELD; objects are {', '.join(OBJECTS)}; of open sources "
            f"{', '.join(OF_OPEN_SOURCES)}"
        )
    return Change(kind=cast("ChangeKind", kind), object=of, field=field, to=to)


def changed(answer: object, changes: Sequence[Change]) -> object:
    """An answer as an API that has changed gives it."""
    tree = msgspec.to_builtins(answer)
    for one in _objects(tree):
        of = one.get("type")
        for change in changes:
            if change.object == of:
                apply(one, change)
    return tree


def apply(one: dict[str, Any], change: Change) -> None:
    """Change a field of an object in place."""
    if change.kind == "add":
        one[change.field] = NEW_VALUE
    elif change.field not in one:
        return
    elif change.kind == "remove":
        del one[change.field]
    elif change.kind == "rename":
        one[change.to] = one.pop(change.field)
    else:
        one[change.field] = _retyped(one[change.field])


def _retyped(value: object) -> object:
    """The same, told as another type."""
    if value is None or isinstance(value, int | float):
        return str(value)
    return {"text": value} if isinstance(value, str) else str(value)


def _objects(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield from (one for value in list(tree.values()) for one in _objects(value))
        yield tree
    elif isinstance(tree, list | tuple):
        yield from (one for value in tree for one in _objects(value))
