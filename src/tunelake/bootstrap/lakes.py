"""Where the lake of a home is, as the settings or the home's own note name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunelake.lake.home import Note
from tunelake.settings import Settings

if TYPE_CHECKING:
    from tunelake.lake.places.s3_place import S3Place


def far_lake(settings: Settings, note: Note | None) -> S3Place | None:
    """Give the place of a lake that is not in the home's folder; None when it is there.

    Raises:
        ConfigError: The address of the lake is none.
    """
    url = settings.lake_url or (note.lake if note else "")
    if not url:
        return None
    from tunelake.lake.places.s3_place import place_at

    return place_at(url, settings.aws, settings.home)
