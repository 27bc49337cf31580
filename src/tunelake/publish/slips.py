"""Names a slip of the pen away, by looking words up and no more. Pure.

Two texts that are one letter apart (one too many, too few, another, or two that changed places) have a text
in common when a letter is left out of each, at every place in turn. So a name is kept under all texts that
are it less one letter, and what was typed is looked up the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from tunelake.collect.near import letters
from tunelake.domain.names import bare

LONGEST = 48  # letters; who writes more copies them


def forms(folded: str) -> tuple[str, ...]:
    """How a name is compared: its letters; Hangul both by jamo and by syllable; symbols as they are."""
    plain = bare(folded)
    if not plain:
        return (folded,) if folded else ()
    return tuple(dict.fromkeys((letters(folded), plain)))


def keys(folded: str) -> set[str]:
    """The texts under which a name is kept and looked up."""
    found: set[str] = set()
    for form in forms(folded):
        found.add(form)
        if 1 < len(form) <= LONGEST:
            found.update(form[:at] + form[at + 1 :] for at in range(len(form)))
    words = bare_words(folded)
    if len(words) > 1:
        found.add("\0".join(sorted(words)))
    return found


def bare_words(folded: str) -> list[str]:
    """The words of a name, in whatever order."""
    return [word for part in folded[: 4 * LONGEST].split() if (word := bare(part))]


def apart(typed: str, names: Iterable[str]) -> list[int]:
    """Count the slips between what was typed and names; the words in another order are one slip."""
    mine, order = forms(typed), sorted(bare_words(typed))
    return [_apart(mine, order, name) for name in names]


def _apart(mine: tuple[str, ...], order: list[str], name: str) -> int:
    found = min(
        (OSA.distance(one, other) for one, other in zip(mine, forms(name), strict=False)), default=len(name)
    )
    return min(found, 1) if sorted(bare_words(name)) == order else found
