"""Where the lake of a home is, as the settings or the home's own note name it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.lake.home import Home, Note
from tunelake.lake.locks.leases import held_since
from tunelake.settings import Settings

if TYPE_CHECKING:
    from tunelake.lake.places.s3_place import S3Place


def retention(settings: Settings) -> dict[str, timedelta]:
    """Tell how long rows of a rights tag may be kept; those of other tags may stay.

    The terms of the Spotify Web API forbid storage without end, and name no number: the operator sets it,
    for all columns alike. What is CC0 or CC BY-NC-SA has no limit of time, and a person's own file is theirs.
    """
    return {"spotify": timedelta(days=settings.expire_days)}


def far_lake(settings: Settings, note: Note | None) -> S3Place | None:
    """Give the place of a lake that is not in the home's folder; None when it is there.

    Raises:
        ConfigError: The address of the lake is none.
    """
    url = settings.lake_url or (note.lake if note else "")
    if not url:
        return None
    return open_far(settings, url, settings.home)


def open_far(settings: Settings, url: str, root: Path) -> S3Place:
    """Give the place of an address, for the home in a folder.

    Raises:
        ConfigError: The address is none.
    """
    from tunelake.lake.places.s3_place import place_at

    def read_since() -> float:
        held = held_since(Home(root.resolve()))
        return held[0].timestamp() if held else time.time()

    return place_at(url, settings.aws, root, most=int(settings.cache_gb * 1e9), read_since=read_since)
