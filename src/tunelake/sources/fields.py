"""What is known of the fields of a source's answers, and how to find out which an answer has. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tunelake.domain.fields import Shape


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the fields of one source's answers.

    Attributes:
        source: Whose they are; also the name of its ledger.
        known: By kind of object its fields, with the type of each; all of them may be null.
        inside: By kind, which fields hold which other objects.
        at_times: By kind, fields that come and go by object or moment: that one is not there means nothing.
        either: By kind, names of one thing of which each object has one.
        expected: The fields that tables take from a place of an endpoint's answers, whoever asks.
        promised: Those of them that an application is to get: of one that gets everything, or of any.
        shapes: Which fields a body has that an endpoint answered, by place.
    """

    source: str
    known: Mapping[str, Mapping[str, str]]
    inside: Mapping[str, Mapping[str, str]]
    at_times: Mapping[str, frozenset[str]]
    either: Mapping[str, tuple[str, ...]]
    expected: Callable[[str, str], frozenset[str]]
    promised: Callable[[str, str, bool], frozenset[str]]
    shapes: Callable[[str, bytes], dict[str, Shape]]

    def kind_of(self, place: str) -> str:
        """The kind of object that stands at a place ("track.artists" -> "artist")."""
        kind, *steps = place.split(".")
        for step in steps:
            kind = self.inside[kind][step]
        return kind


def typed(
    text: str = "", number: str = "", flag: str = "", several: str = "", inner: str = ""
) -> dict[str, str]:
    """Fields by the type of their value."""
    of = {"text": text, "number": number, "flag": flag, "list": several, "object": inner}
    return {name: kind for kind, names in of.items() for name in names.split()}
