"""Counts that must agree before a published set is seen. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tunelake.errors import Fatal


def check_counts(found: Mapping[str, int], expected: Mapping[str, int]) -> None:
    """Compare counts of rows with those of the marts they come from.

    Raises:
        Fatal: Some differ; the message names each.
    """
    wrong = [
        f"{name} holds {found.get(name, 0)} and should hold {count}"
        for name, count in sorted(expected.items())
        if found.get(name, 0) != count
    ]
    if wrong:
        raise Fatal(f"not published, because counts do not agree with the marts: {'; '.join(wrong)}")
