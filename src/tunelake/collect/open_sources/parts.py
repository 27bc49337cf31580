"""What each open source has beside the artist itself (and, for ListenBrainz, its listeners). Pure."""

from __future__ import annotations

from collections.abc import Collection

from tunelake.errors import ConfigError

PARTS = {"musicbrainz": ("albums", "tracks"), "listenbrainz": ("top-tracks", "related")}


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
