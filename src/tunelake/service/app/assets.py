"""What the pages can load: the browser assets that the npm build put beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NEEDED: Final = ("htmx.js", "charts.js", "graph.js", "fonts.css", "docs.js", "docs.css")


class Assets:
    """Which browser assets are there, seen once at the start."""

    def __init__(self, vendor: Path, *, version: str, images: bool) -> None:
        self.missing = tuple(name for name in NEEDED if not (vendor / name).is_file())
        self.version = version
        self.images = images

    @property
    def built(self) -> bool:
        """False in a source tree whose assets were not built: pages then show text alone."""
        return not self.missing
