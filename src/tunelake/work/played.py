"""What the plays of the lake name, and how much of it is in the lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

import msgspec

from tunelake.collect.jobs.tracks import WantedTrack
from tunelake.errors import ConfigError
from tunelake.lake.history.latest import literal
from tunelake.lake.lake import Lake
from tunelake.sources.spotify.ids import read_id

PLAYED = "somebody played it; it was not asked for yet"
# The histories are plain scans; the current state would need all plays in memory.
_NAMED = "kind = 'track' AND regexp_full_match(track_id, '[0-9A-Za-z]{22}')"
_KNOWN = "SELECT track_id FROM tracks_history WHERE source = "
_WANTED = """
SELECT track_id, epoch_ms(min(observed_at)) AS since FROM listens_history
WHERE source = {source} AND {named} AND track_id NOT IN ({known}{source})
GROUP BY track_id ORDER BY track_id
"""
_COVERED = """
WITH plays AS (SELECT DISTINCT user_id, played_at, track_id, {named} AS is_named FROM listens_history
               WHERE source = {source}),
  known AS (SELECT DISTINCT track_id FROM tracks_history WHERE source = {source})
SELECT count(*) AS plays, count(*) FILTER (is_named) AS named,
  count(*) FILTER (is_named AND known.track_id IS NOT NULL) AS known,
  count(DISTINCT plays.track_id) FILTER (is_named) AS tracks,
  count(DISTINCT known.track_id) FILTER (is_named) AS known_tracks
FROM plays LEFT JOIN known ON known.track_id = plays.track_id
"""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The plays of the lake; `plays` is always `of_known` + `of_unknown` + `without_id`.

    Attributes:
        of_known: Plays whose track is in the lake.
        of_unknown: Plays whose track is not; the ledger says for each track why not.
        without_id: Plays that name no track: episodes, chapters, local files, names without an id.
        tracks: Different tracks that are named.
        known_tracks: How many of them are in the lake.
    """

    plays: int
    of_known: int
    of_unknown: int
    without_id: int
    tracks: int
    known_tracks: int


def tracks_wanted(
    lake: Lake, ids: Iterable[str], played_at: str | None, at: datetime
) -> Iterator[WantedTrack]:
    """The tracks of ids, wanted at a time, and those that plays of a source name (None: no plays).

    Raises:
        ConfigError: Something is no id.
    """
    return chain(given_tracks(ids, at), wanted_tracks(lake, played_at) if played_at else ())


def given_tracks(ids: Iterable[str], at: datetime) -> list[WantedTrack]:
    """Read ids and addresses of tracks.

    Raises:
        ConfigError: One is neither.
    """
    found = []
    for one in filter(str.strip, ids):
        track_id = read_id(one.strip(), "track")
        if track_id is None:
            raise ConfigError(f"{one[:60]!r} is no track: give 22 letters and digits, or the track's address")
        found.append(WantedTrack(track_id, at))
    return found


def wanted_tracks(lake: Lake, source: str) -> Iterator[WantedTrack]:
    """The tracks that plays name and that are not in the lake, each once, in the order of their ids."""
    query = _WANTED.format(source=literal(source), named=_NAMED, known=_KNOWN)
    for batch in lake.sql(query):
        names, times = (batch.column(name).to_pylist() for name in ("track_id", "since"))
        for track_id, since in zip(names, times, strict=True):
            yield WantedTrack(track_id, datetime.fromtimestamp(since / 1000, UTC), PLAYED)


def coverage(lake: Lake, source: str) -> Coverage:
    """Count plays by what is known of their tracks."""
    found = lake.sql(_COVERED.format(source=literal(source), named=_NAMED)).read_all().to_pylist()[0]
    return Coverage(
        plays=found["plays"],
        of_known=found["known"],
        of_unknown=found["named"] - found["known"],
        without_id=found["plays"] - found["named"],
        tracks=found["tracks"],
        known_tracks=found["known_tracks"],
    )
