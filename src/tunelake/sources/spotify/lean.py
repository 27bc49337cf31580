"""An answer without its lists of markets, half of its bytes, so that the decoder need not read them. Pure.

`"available_markets":[` cannot stand inside a JSON text, where a quote has a backslash before it. A list is
taken out up to the first bracket only when that alone is a list of texts; each distinct list is tried once.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

_KEY = b'"available_markets":['
_decoder = msgspec.json.Decoder(list[str])


def lean(body: bytes) -> bytes:
    """Return the body with empty lists of markets; unchanged where one is no plain list of texts."""
    find = body.find
    kept: list[bytes] = []
    done, last = 0, b"]"
    while (at := find(_KEY, done)) >= 0:
        start = at + len(_KEY)
        kept.append(body[done:start])
        # Most lists equal the one before, and to compare is cheaper than to search.
        if not body.startswith(last, start):
            last = body[start : find(b"]", start) + 1]
            if not _is_plain(last):
                return body
        done = start + len(last) - 1
    if not kept:
        return body
    kept.append(body[done:])
    return b"".join(kept)


@lru_cache(maxsize=1024)
def _is_plain(rest: bytes) -> bool:
    """Tell whether this, after an opening bracket, is a list of texts."""
    try:
        _decoder.decode(b"[" + rest)
    except msgspec.DecodeError:
        return False
    return True
