"""Pictures for entities that have none: two colours drawn from the id, as SVG."""

from __future__ import annotations

import hashlib


def picture(path: str) -> bytes:
    """The picture of `ID/SIZE`; any path has one."""
    entity_id, _, size = path.partition("/")
    pixels = int(size) if size.isascii() and size.isdigit() and len(size) <= 4 else 640  # noqa: PLR2004
    draw = hashlib.blake2b(entity_id.encode(), digest_size=4).digest()
    first, second = draw[0] * 360 // 256, draw[1] * 360 // 256
    x, y = 20 + draw[2] % 60, 20 + draw[3] % 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{pixels}" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({first} 45% 32%)"/>'
        f'<circle cx="{x}" cy="{y}" r="38" fill="hsl({second} 55% 62%)"/></svg>'
    ).encode()
