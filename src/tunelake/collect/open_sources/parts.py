"""What each open source has beside the artist itself (and, for ListenBrainz, its listeners). Pure."""

from __future__ import annotations

from collections.abc import Collection

from tunelake.errors import ConfigError
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.musicbrainz import endpoints as musicbrainz

PARTS = {
    # Relations come with the artist itself: asking for them costs no call.
    "musicbrainz": ("relations", "albums", "releases", "tracks"),
    "listenbrainz": ("top-tracks", "related"),
}
LISTS = {
    "albums": musicbrainz.release_groups,
    "releases": musicbrainz.releases,
    "tracks": musicbrainz.recordings,
}
"""Parts that are lists, each by its first request."""
NEIGHBOURS = {"musicbrainz": musicbrainz.artist, "listenbrainz": listenbrainz.similar_artists}
"""What tells who is near to an artist, by source."""


def checked_parts(source: str, with_: Collection[str]) -> tuple[str, ...]:
    """The parts asked for, in the order they are collected.

    Raises:
        ConfigError: The source has no such part.
    """
    offered = PARTS[source]
    unknown = sorted(set(with_) - set(offered))
    if unknown:
        raise ConfigError(f"{source} has no {', '.join(unknown)}: choose from {', '.join(offered)}")
    return tuple(part for part in offered if part in with_)
