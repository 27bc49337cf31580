"""Lists of markets as sets with a name: the same markets in another order are the same set. Pure.

Nearly all objects repeat a list of some 185 codes. It is kept once, and the objects say which it is; a list
that came before, letter for letter, is known without being read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b

import msgspec
from msgspec import UNSET, UnsetType

from tunelake.domain.rows import Columns
from tunelake.sources.spotify import wire

_LONGEST = 16_384  # bytes of a list that is remembered; that of all markets has a tenth
_LISTS = 2_048  # lists that are remembered
_CODES = msgspec.json.Decoder(list[str] | None)

Name = str | UnsetType | None
Named = tuple[str, tuple[str, ...]]


class MarketSets:
    """The sets of markets that one page names."""

    def __init__(self, reject: Callable[[str, str], None]) -> None:
        """Begin a page; what is no list of markets goes to `reject`: where, and why."""
        self._reject = reject
        self._named: dict[str, tuple[str, ...]] = {}

    def column(self, objects: Sequence[wire.Track] | Sequence[wire.Album]) -> Columns:
        """Name the set of each object: null where the list was null, UNSET where there was none."""
        last = msgspec.Raw()
        name: Name = UNSET
        names: list[Name] = []
        for one in objects:
            if one.available_markets != last:
                last = one.available_markets
                name = self._name(last, one.id)
            names.append(name)
        return {"market_set": names}

    def table(self) -> Columns:
        """The sets that were named, each once."""
        return {
            "market_set": list(self._named),
            "markets": [" ".join(codes) for codes in self._named.values()],
            "size": [len(codes) for codes in self._named.values()],
        }

    def _name(self, told: msgspec.Raw, of: str | None) -> Name:
        text = bytes(told)
        if not text:
            return UNSET
        try:
            named = _known(text) if len(text) <= _LONGEST else _read(text)
        except ValueError as error:
            self._reject(f"available_markets of {of}", f"{error}; the field counts as absent")
            return UNSET
        if named is None:
            return None
        self._named[named[0]] = named[1]
        return named[0]


def _read(text: bytes) -> Named | None:
    """Read a list of codes.

    Returns:
        The name of the set and its codes in order; None for null.

    Raises:
        ValueError: It is something else.
    """
    listed = _CODES.decode(text)
    if listed is None:
        return None
    codes = sorted(set(listed))
    joined = " ".join(codes)
    if joined.split() != codes:
        raise ValueError("a code of a market is empty or has a space")
    return blake2b(joined.encode(), digest_size=8).hexdigest(), tuple(codes)


_known = lru_cache(maxsize=_LISTS)(_read)
