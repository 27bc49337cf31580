"""What is known of each source: which reader turns its pages into rows, which fields its answers have."""

from __future__ import annotations

from tunelake.domain.rows import Reader
from tunelake.sources.fields import Fields
from tunelake.sources.listenbrainz import rows as listenbrainz
from tunelake.sources.listenbrainz.fields import LISTENBRAINZ
from tunelake.sources.musicbrainz import rows as musicbrainz
from tunelake.sources.musicbrainz.fields import MUSICBRAINZ
from tunelake.sources.spotify import rows as spotify
from tunelake.sources.spotify.drift import SPOTIFY

_READERS: dict[str, Reader] = {
    musicbrainz.SOURCE: musicbrainz.read_rows,
    listenbrainz.SOURCE: listenbrainz.read_rows,
}
_FIELDS = {"mb": MUSICBRAINZ, "lb": LISTENBRAINZ}
"""By the first part of the names of endpoints."""


def reader_of(source: str) -> Reader:
    """The reader of a source; the sandbox speaks as the Spotify Web API does."""
    return _READERS.get(source, spotify.read_rows)


def fields_of(endpoint: str) -> Fields:
    """What is known of the fields of the source that an endpoint is of."""
    return _FIELDS.get(endpoint.partition("_")[0], SPOTIFY)
