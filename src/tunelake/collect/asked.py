"""What a person typed, line by line, to names that can be searched for. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec

from tunelake.domain.names import fold

MAX_NAME = 200


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list of names.

    Attributes:
        text: As typed, without what frames it (a byte order mark, spaces).
        name: What to search for; empty when there is a problem.
        problem: Why it cannot be searched for.
        same_as: The earlier line that asks for the same name.
    """

    text: str
    name: str = ""
    problem: str = ""
    same_as: str | None = None


def read_names(lines: Iterable[str]) -> list[Asked]:
    """Read names; blank lines ask for nothing and are left out, everything else is accounted for."""
    seen: dict[str, str] = {}
    names: list[Asked] = []
    for line in lines:
        text = line.strip("\ufeff \t\r\n\v\f\u00a0\u3000")
        if not text:
            continue
        name = _searchable(text)
        folded = fold(name)
        if not folded:
            problem = "the line holds no name, only invisible characters"
            names.append(Asked(text=_beginning(text), problem=problem))
        elif len(name) > MAX_NAME:
            problem = f"no name has {len(text)} characters; up to {MAX_NAME} are searched for"
            names.append(Asked(text=_beginning(text), problem=problem))
        else:
            names.append(Asked(text=text, name=name, same_as=seen.get(folded)))
            seen.setdefault(folded, text)
    return names


def _beginning(text: str) -> str:
    """A text as it is told: of a long one its beginning."""
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"


def _searchable(text: str) -> str:
    """Without control and other invisible characters; typographic signs as a keyboard has them."""
    # Joiners hold emoji and some scripts together; everything else of these categories shows nothing.
    kept = (
        c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or c == "\u200d" else " "
        for c in text
    )
    plain = "".join(kept).translate(str.maketrans("’‘ʼ“”", "'''\"\""))
    return " ".join(plain.split())
