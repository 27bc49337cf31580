"""Which artists of all sources a change may join otherwise: those it tells of, and who is tied to them. Pure.

Artists are tied by what a model of identity joins them by: a name, a link, a recording code, an id in common,
now or ever. Whoever is not tied to a change, over however many others, stays joined as before; so the model
is computed over the parts of the tables that tell of the tied, and gives their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template

from tunelake.mart.logs import none, now

READS = frozenset(("artists", "artist_aliases", "artist_urls", "track_artists", "tracks", "track_isrcs"))
"""Tables that a model which follows ties may read."""

TIED = "tied"
BY = ("source", "id")
_OPEN = "('musicbrainz', 'listenbrainz')"
_OF_ARTIST = ("artists", "artist_aliases", "artist_urls")
COLUMNS = {
    "artists": ("name",),
    "artist_aliases": ("alias",),
    "artist_urls": ("target_id",),
    "tracks": ("isrc",),
    "track_isrcs": ("isrc",),
}
"""What is read of tables beside their keys and what models read."""

_OF_TRACK = ("track_artists", "tracks", "track_isrcs")
_OPEN_CODES = """
select distinct p.artist_id, c.track_id, c.isrc
from track_isrcs_log as c
join track_artists_log as p on p.source = c.source and p.track_id = c.track_id
where c.source = 'musicbrainz' and c.isrc is not null and p.artist_id is not null
"""
# Tracks whose code an open source knows: of others, codes join nobody.
_CODED = f"""
select distinct source, track_id, isrc from tracks_log
where source not in {_OPEN} and isrc in (select isrc from open_codes)
union select distinct 'musicbrainz', track_id, isrc from open_codes
"""  # noqa: S608  (our own SQL)
_TIES = f"""
with open_names as (
  select distinct artist_id, lower(trim(name)) as name from artists_log
  where source = 'musicbrainz' and trim(name) <> ''
),
links as (
  select distinct artist_id, target_id from artist_urls_log
  where source = 'musicbrainz' and target_id is not null
),
own as (
  select distinct source, artist_id, lower(trim(name)) as name from artists_log where source not in {_OPEN}
)
select 'musicbrainz' as source, artist_id, 'name ' || name as tie from open_names
union select source, artist_id, 'name ' || name from own semi join open_names using (name)
union select 'musicbrainz', artist_id, 'link ' || target_id from links
union select source, artist_id, 'link ' || artist_id from own
where artist_id in (select target_id from links)
union select p.source, p.artist_id, 'code ' || c.isrc
from coded as c join track_artists_log as p on p.source = c.source and p.track_id = c.track_id
where p.artist_id is not null
union select source, artist_id, 'id ' || artist_id from artists_log where source in {_OPEN}
"""  # noqa: S608  (our own SQL)
_REACHED = """
with recursive reached as (
  select source, artist_id from told
  union
  select near.source, near.artist_id
  from reached
  join ties as mine on mine.source = reached.source and mine.artist_id = reached.artist_id
  join ties as near on near.tie = mine.tie
)
select source, artist_id, artist_id as id from reached
"""
# Only codes join by tracks: those of other artists need not be looked at.
_TRACKS = """
with coded as (
  select source, artist_id from ties semi join tied using (source, artist_id) where tie like 'code %'
)
select distinct source, track_id from track_artists_log semi join coded using (source, artist_id)
"""
_OF_CODES = Template(
    "select source, artist_id from track_artists_log semi join ("
    "select source, track_id from coded semi join ($keys) as changed using (source, track_id)"
    ") as theirs using (source, track_id) where artist_id is not null"
)


OPEN = "any_open", f"select source, artist_id from artists_log where source in {_OPEN} limit 1"  # noqa: S608
"""Name and query of an artist of an open source: without any, nobody is tied."""

CODES = "open_codes", _OPEN_CODES
"""Name and query of the recording codes that open sources know."""


def steps(added: Mapping[str, str], *, any_open: bool, any_codes: bool) -> Iterator[tuple[str, str]]:
    """Give, in order, what makes the part of each table that tells of the tied: names and their queries.

    Args:
        added: A relation of the rows added to each table that changed.
        any_open: False when `OPEN` is known to be empty.
        any_codes: False when `CODES` is known to be empty: then no track ties anybody.
    """
    yield "coded", _CODED if any_codes else "select 'musicbrainz' as source, track_id, isrc from open_codes"
    yield "ties", _TIES if any_open else "select source, artist_id, '' as tie from any_open"
    told = ["select source, artist_id from ties where false"]
    told += [f"select source, artist_id from {added[table]}" for table in _OF_ARTIST if table in added]  # noqa: S608
    keys = [f"select source, track_id from {added[table]}" for table in _OF_TRACK if table in added]  # noqa: S608
    told += [_OF_CODES.substitute(keys=" union ".join(keys))] if keys and any_codes else []
    yield "told", " union ".join(told)
    yield TIED, _REACHED
    for table in _OF_ARTIST:
        yield part(table), now(table, TIED, ("source", "artist_id"))
    if any_codes:
        yield "tied_tracks_ids", _TRACKS
    for table in _OF_TRACK:
        theirs = now(table, "tied_tracks_ids", ("source", "track_id"))
        yield part(table), theirs if any_codes else none(table)


def part(table: str) -> str:
    """Name the part of a table that tells of the tied."""
    return f"tied_{table}"
