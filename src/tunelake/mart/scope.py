"""Which artists a change may alter, and all that their marts are made of. Pure.

A model that is `keyed: entity_id` computes the rows of an artist from what is known of it, of its tracks
and albums, and of who performs on the same tracks. So after a change only the artists near to it are
computed, over the small part of each table that tells of them: its scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Template

from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest
from tunelake.mart.logs import log, near, now

IDENTITY = "identity"
_BY_ARTIST = (
    "artists",
    "artist_aliases",
    "artist_genres",
    "artist_tags",
    "artist_urls",
    "related_artists",
    "top_tracks",
)
_BY_TRACK = ("track_artists", "tracks", "audio_features", "track_isrcs")
_BY_ALBUM = ("album_artists", "albums")
_PAGES = "raw_pages"
COLUMNS = {
    _PAGES: ("endpoint", "path", "status"),
    "tracks": ("album_id",),
    "album_artists": ("artist_id",),
    "track_artists": ("artist_id",),
    "top_tracks": ("track_id",),
}
"""What is read of tables beside their keys and what models read."""

TABLES = frozenset((*_BY_ARTIST, *_BY_TRACK, *_BY_ALBUM, _PAGES))
"""Tables a keyed model may read, beside `identity`, keyed marts, and two histories."""

_HISTORIES = ("artists", _PAGES)
READABLE = TABLES | {f"{name}_history" for name in _HISTORIES} | {IDENTITY}

_IN_PATH = "split_part(path, '/', 3)"
_OWN_PAGE = "endpoint in ('artist_albums', 'top_tracks', 'mb_artist')"
_OF_ARTIST, _OF_TRACK, _OF_ALBUM = (("source", f"{kind}_id") for kind in ("artist", "track", "album"))
# Changed artists, tracks and albums lead to whose rows may be others now. All that was ever so is followed,
# not only what is so now: that costs less to ask, and misses nobody.
_LEADING = {
    "track": f"select source, track_id from {near('tracks_log', 'changed_album', _OF_ALBUM)}",  # noqa: S608
}
_ALTERED = f"""
select source, artist_id from changed_artist
union select source, artist_id from {near("track_artists_log", "changed_track", _OF_TRACK)}
union select source, artist_id from {near("top_tracks_log", "changed_track", _OF_TRACK)}
union select source, artist_id from {near("album_artists_log", "changed_album", _OF_ALBUM)}
"""  # noqa: S608  (our own SQL)

_MOVED = Template("""
with fresh as (
  select source, id, entity_id, is_main from $new
  except select source, id, entity_id, is_main from $old
),
gone as (
  select source, id, entity_id, is_main from $old
  except select source, id, entity_id, is_main from $new
)
select source, id as artist_id, entity_id from fresh union select source, id, entity_id from gone
""")
# Whoever is joined otherwise now, and who performs with them.
_PERFORMING = """
select source, artist_id from moved
union
select o.source, o.artist_id
from track_artists_log as o
semi join (
  select p.source, p.track_id from track_artists_log as p semi join moved using (source, artist_id)
) as theirs using (source, track_id)
"""
_AFFECTED = Template("""
with altered as ($altered)
select i.entity_id
from altered as a
join identity as i on i.source = a.source and i.id = a.artist_id
union
select entity_id from moved
""")


def changed_keys(table: str, added: str) -> str:
    """Write the query of what rows added to a log tell of: artists, tracks or albums.

    Args:
        table: The table.
        added: A relation of the added rows.
    """
    if table == _PAGES:
        return f"select distinct source, {_IN_PATH} as artist_id from {added} where {_OWN_PAGE}"  # noqa: S608  (our own SQL)
    return f"select distinct source, {_key(table)} from {added}"  # noqa: S608  (our own names)


def _key(table: str) -> str:
    kind = _kind(table)
    assert f"{kind}_id" in load()[table].names, table  # noqa: S101  (contracts and these lists go together)
    return f"{kind}_id"


def _kind(table: str) -> str:
    if table in _BY_ARTIST:
        return "artist"
    if table in _BY_TRACK:
        return "track"
    return "album" if table in _BY_ALBUM else "artist"


def leading(added: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give, in order, the changed artists, albums and tracks: names and their queries.

    Args:
        added: A relation of the rows that were added to each table that changed.
    """
    for kind in ("artist", "album", "track"):
        told = [changed_keys(table, rows) for table, rows in sorted(added.items()) if _kind(table) == kind]
        told += [_LEADING[kind]] if kind in _LEADING else []
        nobody = f"select source, {kind}_id from {kind}s_log where false"  # noqa: S608  (our own names)
        yield f"changed_{kind}", " union ".join(told) or nobody


def moved(old: str, new: str) -> str:
    """Write the query of the ids that stand for another entity than before, with either.

    Args:
        old: The identity of the run before, in SQL.
        new: The identity now.
    """
    return _MOVED.substitute(old=old, new=new)


def affected(*, any_moved: bool) -> str:
    """Write the query of the entities whose rows may be others now: of what `leading` gives, and `moved`.

    Who stands for another entity than before also alters whoever performs with them.

    Args:
        any_moved: False when `moved` is known to be empty.
    """
    return _AFFECTED.substitute(altered=" union ".join([_ALTERED] + [_PERFORMING] * any_moved))


def scope(name: str) -> str:
    """Name the part of a table or mart that tells of the affected artists."""
    return f"scope_{name}"


def parts() -> Iterator[tuple[str, str]]:
    """Give, in order, what makes the scope of `affected`: names and their queries."""
    yield (
        "scope_ids",
        """
        select source, id as artist_id from identity semi join affected using (entity_id)
        where kind = 'artist'
        """,
    )
    for table in _BY_ARTIST:
        yield scope(table), now(table, "scope_ids", _OF_ARTIST)
    yield "scope_own_tracks", _keys_of("track_artists", "track_id")
    yield scope("track_artists"), now("track_artists", "scope_own_tracks", _OF_TRACK)
    yield "scope_track_ids", _either("scope_own_tracks", "scope_top_tracks", "track_id")
    for table in _BY_TRACK[1:]:
        yield scope(table), now(table, "scope_track_ids", _OF_TRACK)
    yield "scope_own_albums", _keys_of("album_artists", "album_id")
    yield scope("album_artists"), now("album_artists", "scope_own_albums", _OF_ALBUM)
    yield "scope_album_ids", _either("scope_own_albums", "scope_tracks", "album_id")
    yield scope("albums"), now("albums", "scope_album_ids", _OF_ALBUM)
    yield "scope_near", _either("scope_track_artists", "scope_ids", "artist_id as id")
    yield scope(IDENTITY), _NEAR
    yield scope("artists_history"), _history("artists", "semi join scope_ids using (source, artist_id)")
    yield scope("raw_pages_history"), _history(_PAGES, _OWN_PAGES)


_NEAR = "select * from identity semi join scope_near using (source, id)"
_OWN_PAGES = (
    f"semi join scope_ids on logged.source = scope_ids.source and {_IN_PATH} = artist_id where {_OWN_PAGE}"
)


def _history(table: str, those: str) -> str:
    return latest.history(load()[table], f"(select logged.* from {log(table)} as logged {those})")  # noqa: S608


def _keys_of(table: str, key: str) -> str:
    # Also those it had once: their sets are looked at whole, and tell that it is no more of them.
    theirs = near(log(table), "scope_ids", _OF_ARTIST)
    return f"select distinct source, {key} from {theirs}"  # noqa: S608  (our own names)


def _either(one: str, other: str, key: str) -> str:
    return f"select source, {key} from {one} union select source, {key} from {other}"  # noqa: S608


OWN_IDENTITY = "select * from scope_identity semi join affected using (entity_id)"
"""The identity of the affected artists alone: what checks are to count."""
