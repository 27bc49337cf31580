"""Which reader turns the pages of which source into rows."""

from __future__ import annotations

from tunelake.domain.rows import Readers
from tunelake.sources.spotify.rows import read_rows

# The sandbox speaks as the Spotify Web API does; its rows carry its own name.
READERS: Readers = {"spotify": read_rows, "sandbox": read_rows}
