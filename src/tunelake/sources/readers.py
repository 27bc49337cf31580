"""Which reader turns the pages of which source into rows."""

from __future__ import annotations

from tunelake.domain.rows import Reader
from tunelake.sources.listenbrainz import rows as listenbrainz
from tunelake.sources.musicbrainz import rows as musicbrainz
from tunelake.sources.spotify import rows as spotify

_READERS: dict[str, Reader] = {
    musicbrainz.SOURCE: musicbrainz.read_rows,
    listenbrainz.SOURCE: listenbrainz.read_rows,
}


def reader_of(source: str) -> Reader:
    """The reader of a source; the sandbox speaks as the Spotify Web API does."""
    return _READERS.get(source, spotify.read_rows)
