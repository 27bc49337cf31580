"""Which fields answers have: what was seen of them, and what about them is not as expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

Shape = dict[str, str]
"""The fields of one object, each with the form of its value ("number to 100", "text, a date", "null")."""

DriftKind = Literal["added", "removed", "renamed", "retyped"]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A field that is not as expected.

    Attributes:
        object: The object it stands in, by place: "artist", "track.artists".
        detail: What was expected and what came, for people.
        first_seen_at: Of the first answer in which it was so.
        last_seen_at: Of the last one.
    """

    kind: DriftKind
    endpoint: str
    object: str
    field: str
    detail: str
    first_seen_at: datetime
    last_seen_at: datetime


class Looks(msgspec.Struct):
    """What was seen at one place of an endpoint's answers.

    Attributes:
        looked: Objects looked at.
        fields: How many of them had a field, and the form of the last value that was not null.
        missed: Of fields that the last objects lacked: how many of these there are, when the first of them
            was seen, and when the last that had it.
        came: When a field was seen first that objects before did not have.
        turned: When the value of a field was of another type than before.
    """

    first: datetime
    last: datetime
    looked: int = 0
    fields: dict[str, tuple[int, str]] = {}
    missed: dict[str, tuple[int, datetime, datetime]] = {}
    came: dict[str, datetime] = {}
    turned: dict[str, datetime] = {}

    def take(self, shape: Shape, at: datetime) -> None:
        """Look at one more object."""
        for name in self.fields.keys() - shape.keys():
            count, since, had = self.missed.get(name, (0, at, self.last))
            self.missed[name] = (count + 1, since, had)
        for name, form in shape.items():
            self.missed.pop(name, None)
            if name not in self.fields and self.looked:
                self.came[name] = at
            count, before = self.fields.get(name, (0, "null"))
            if form != "null" and before != "null" and type_of(form) != type_of(before):
                self.turned[name] = at
            self.fields[name] = (count + 1, before if form == "null" else form)
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.looked += 1


ALL_OF_THE_FIRST = 64
ONE_IN = 8


class Observed:
    """Gathers what answers have, by endpoint and place."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], Looks] = {}
        self._answers: Counter[str] = Counter()

    def wants(self, endpoint: str) -> bool:
        """Tell whether to look at the next answer of an endpoint: at the first 64, then at one in eight."""
        self._answers[endpoint] += 1
        number = self._answers[endpoint]
        return number <= ALL_OF_THE_FIRST or number % ONE_IN == 0

    def take(self, endpoint: str, shapes: Mapping[str, Shape], at: datetime) -> None:
        """Take the shapes of one answer, by place."""
        for place, shape in shapes.items():
            self.places.setdefault((endpoint, place), Looks(first=at, last=at)).take(shape, at)


def type_of(form: str) -> str:
    """The type that a form begins with; empty where there was no value."""
    return "" if form in {"", "null"} else form.partition(" ")[0].rstrip(",")
