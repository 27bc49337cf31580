"""The fields of objects by place, each with the form of its value. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tunelake.domain.fields import Shape

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(T[\d:.]+Z?)?")
_ID = re.compile(r"[0-9A-Za-z]{22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HUNDRED = 100


def form(value: Any) -> str:  # noqa: ANN401  JSON
    """What kind of value stands there: its type first, then what it looks like."""
    if isinstance(value, str):
        return _form_of_text(value)
    if isinstance(value, dict):
        return f"object of {', '.join(sorted(value)[:5])}"
    if isinstance(value, list):
        return f"list of {form(value[0]).partition(' ')[0]}s" if value else "list"
    if isinstance(value, int) and not isinstance(value, bool):
        return "number to 100" if 0 <= value <= _HUNDRED else "number"
    return {float: "number with a fraction", bool: "flag"}.get(type(value), "null")


Inside = Mapping[str, Mapping[str, str]]
"""By kind of object, which fields hold which other objects."""


def look(value: Any, kind: str, place: str, inside: Inside, found: dict[str, Shape]) -> None:  # noqa: ANN401
    """Add the fields of an object, or of the first one of a list, and of the objects in it.

    Args:
        value: What an answer has there.
        kind: The kind of object it is.
        place: Where it stands: a kind, or a field and what stands in it ("track.artists").
        inside: By kind, which fields hold which other objects.
        found: Is added to; a place that was looked at before stays as it is.
    """
    if isinstance(value, list):
        value = next((one for one in value if one), None)
    if not isinstance(value, dict):
        return
    if "items" in value and "limit" in value:
        look(value["items"], kind, place, inside, found)
        return
    if place not in found:
        found[place] = {name: form(one) for name, one in value.items()}
    for field, inner in inside.get(kind, {}).items():
        if field in value:
            look(value[field], inner, f"{place}.{field}", inside, found)


def look_at_all(value: Any, kind: str, place: str, inside: Inside, found: dict[str, Shape]) -> None:  # noqa: ANN401
    """Add the fields of an object, or of all in a list together, and of the objects in them; see `look`.

    For sources whose objects leave out what is not known: a field is missed where none of them has it.
    """
    if isinstance(value, list):
        for one in value:
            look_at_all(one, kind, place, inside, found)
    if not isinstance(value, dict):
        return
    shape = found.setdefault(place, {})
    for name, one in value.items():
        if shape.get(name, "null") == "null":
            shape[name] = form(one)
    for field, inner in inside.get(kind, {}).items():
        if field in value:
            look_at_all(value[field], inner, f"{place}.{field}", inside, found)


def _form_of_text(value: str) -> str:
    if value.startswith(("http://", "https://")):
        return "text, an address"
    if _ID.fullmatch(value):
        return "text, an id"
    return "text, a date" if _DATE.fullmatch(value) else "text"
