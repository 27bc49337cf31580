"""A picture for an artist without one: two stones thrown into a lake, drawn from the name alone. Pure."""

from __future__ import annotations

import hashlib
from typing import Final

_SIZE: Final = 240
_RINGS: Final = 11


def picture(name: str, *, small: bool = False) -> str:
    """Return an SVG, simpler when small; the same name gives the same picture, the page gives the colours."""
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=12).digest()
    hue = digest[0] % 6
    wider = 2 if small else 1
    first = _rings(_place(digest[1]), _place(digest[2]), (12 + digest[3] % 10) * wider, "near")
    second = "" if small else _rings(_place(digest[4]), _place(digest[5]), 9 + digest[6] % 8, "far")
    kind = f"ripples hue-{hue} small" if small else f"ripples hue-{hue}"
    return (
        f'<svg class="{kind}" viewBox="0 0 {_SIZE} {_SIZE}" aria-hidden="true" focusable="false">'
        f'<rect class="water" width="{_SIZE}" height="{_SIZE}"/>{second}{first}</svg>'
    )


def _place(byte: int) -> int:
    return 30 + byte * (_SIZE - 60) // 255


def _rings(x: int, y: int, gap: int, name: str) -> str:
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="{gap * (ring + 1) + ring * ring * gap // 14}"/>'
        for ring in range(_RINGS)
    )
    return f'<g class="{name}">{rings}<circle class="stone" cx="{x}" cy="{y}" r="4"/></g>'
