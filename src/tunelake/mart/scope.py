"""Which artists a change may alter, and all that their marts are made of. Pure.

A model that is `keyed: entity_id` computes the rows of an artist from what is known of it, of its tracks
and albums, and of who performs on the same tracks. So after a change only the artists near to it are
computed, over the small part of each table that tells of them: its scope.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from string import Template

from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest
from tunelake.mart.logs import among, current, log, near, now, of

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

DEEP = frozenset((*_BY_TRACK, *_BY_ALBUM))
"""Tables that tell of tracks and albums: large, and far from the artist."""

TABLES = frozenset((*_BY_ARTIST, *DEEP, _PAGES))
"""Tables a keyed model may read, beside `identity`, keyed marts, and two histories."""

_HISTORIES = ("artists", _PAGES)
READABLE = TABLES | {f"{name}_history" for name in _HISTORIES} | {IDENTITY}

_IN_PATH = "split_part(path, '/', 3)"
_OWN_PAGE = "endpoint in ('artist_albums', 'top_tracks', 'mb_artist')"
_OF_ARTIST, _OF_TRACK, _OF_ALBUM = (("source", f"{kind}_id") for kind in ("artist", "track", "album"))
# Changed tracks and albums lead to whose rows may be others now. All that was ever so is followed, not only
# what is so now: that costs less to ask, and misses nobody.
_ON_ALBUM = f"select source, track_id from {near('tracks_log', 'changed_album', _OF_ALBUM)}"  # noqa: S608
_TOLD_TRACK = """
select source, track_id, 'track' as cause from changed_track
union all select source, track_id, 'album' from changed_on_album
"""
_BY_TOLD_TRACK = Template("""
select t.source, t.artist_id, k.cause
from (select * from $log semi join told_track using (track_id)) as t
join told_track as k on k.source = t.source and k.track_id = t.track_id
""")

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
select source, artist_id, 'identity' as cause from moved
union
select o.source, o.artist_id, 'identity'
from track_artists_log as o
semi join (
  select p.source, p.track_id from track_artists_log as p semi join moved using (source, artist_id)
) as theirs using (source, track_id)
"""
_CAUSES = Template("""
with altered as ($altered)
select i.entity_id, a.cause
from altered as a
join identity as i on i.source = a.source and i.id = a.artist_id
union
select entity_id, 'identity' from moved
""")


def cause(table: str) -> str:
    """Name the cause that a table is: what tells of tracks, or of albums, is looked up together."""
    return _kind(table) if table in DEEP else table


def _kind(table: str) -> str:
    if table in _BY_TRACK:
        return "track"
    return "album" if table in _BY_ALBUM else "artist"


def _told(table: str, added: str) -> str:
    """Write the query of the artists, tracks or albums that rows added to a log tell of."""
    if table == _PAGES:
        return f"select source, {_IN_PATH} as artist_id from {added} where {_OWN_PAGE}"  # noqa: S608  (our own SQL)
    kind = _kind(table)
    assert f"{kind}_id" in load()[table].names, table  # noqa: S101  (contracts and these lists go together)
    return f"select source, {kind}_id from {added}"  # noqa: S608  (our own names)


def leading(added: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give, in order, the changed artists, albums and tracks: names and their queries.

    Args:
        added: A relation of the rows that were added to each table that changed.
    """
    for kind in ("artist", "album", "track"):
        told = [_told(table, rows) for table, rows in sorted(added.items()) if _kind(table) == kind]
        nobody = f"select source, {kind}_id from {kind}s_log where false"  # noqa: S608  (our own names)
        yield f"changed_{kind}", " union ".join([nobody, *told])
    albums = any(_kind(table) == "album" for table in added)
    yield (
        "changed_on_album",
        _ON_ALBUM if albums else "select source, track_id from changed_track where false",
    )
    yield "told_track", _TOLD_TRACK


def moved(old: str, new: str) -> str:
    """Write the query of the ids that stand for another entity than before, with either.

    Args:
        old: The identity of the run before, in SQL.
        new: The identity now.
    """
    return _MOVED.substitute(old=old, new=new)


def causes(added: Mapping[str, str], *, any_moved: bool) -> str:
    """Write the query of the entities whose rows may be others now, with the cause: of what `leading` gives.

    Who stands for another entity than before also alters whoever performs with them.

    Args:
        added: See `leading`.
        any_moved: False when `moved` is known to be empty.
    """
    altered = ["select source, artist_id, '' as cause from changed_artist where false"]
    altered += [
        f"select source, artist_id, '{table}' from ({_told(table, rows)})"  # noqa: S608  (our own names)
        for table, rows in sorted(added.items())
        if table not in DEEP
    ]
    kinds = {_kind(table) for table in added if table in DEEP}
    if kinds:
        altered += [_BY_TOLD_TRACK.substitute(log=log(table)) for table in ("track_artists", "top_tracks")]
    if "album" in kinds:
        theirs = near("album_artists_log", "changed_album", _OF_ALBUM)
        altered.append(f"select source, artist_id, 'album' from {theirs}")  # noqa: S608  (our own names)
    return _CAUSES.substitute(altered=" union ".join(altered + [_PERFORMING] * any_moved))


def scope(name: str) -> str:
    """Name the part of a table that tells of the affected artists."""
    return f"scope_{name}"


def rows(table: str) -> str:
    """Name the rows of the log of one of `ROWS` that tell of the affected, and of all that changed."""
    return f"rows_{table}"


ROWS = {"artists": "artist", "albums": "album", "tracks": "track"}
"""Tables of whose logs that is kept by `parts`, too: others ask for it."""


def parts(wanted: Collection[str], deep: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give, in order, what makes the scope of those whom `causes` tells of: names and their queries.

    Args:
        wanted: Tables that anybody reads.
        deep: Causes for which tracks and albums are looked at, too.
    """
    listed = ", ".join(f"'{name}'" for name in sorted({*deep, IDENTITY}))
    yield "affected", "select distinct entity_id from causes"
    yield "scope_ids", _IDS.substitute(those="causes")
    yield "deep_ids", _IDS.substitute(those=f"(select * from causes where cause in ({listed})) as deep")  # noqa: S608
    for table in _BY_ARTIST:
        if table in wanted or table == "top_tracks":
            yield from _now(table, "scope_ids")
    yield "scope_own_tracks", _keys_of("track_artists", "track_id")
    if "track_artists" in wanted:
        yield scope("track_artists"), now("track_artists", "scope_own_tracks", _OF_TRACK)
    ranked = "scope_top_tracks semi join deep_ids using (source, artist_id)"
    yield "scope_track_ids", _either("scope_own_tracks", ranked, "track_id")
    for table in _BY_TRACK[1:]:
        if table in wanted:
            yield from _now(table, "scope_track_ids")
    yield "scope_own_albums", _keys_of("album_artists", "album_id")
    if "album_artists" in wanted:
        yield scope("album_artists"), now("album_artists", "scope_own_albums", _OF_ALBUM)
    if "albums" in wanted:
        on_album = "scope_tracks" if "tracks" in wanted else "scope_own_albums"
        yield "scope_album_ids", _either("scope_own_albums", on_album, "album_id")
        yield from _now("albums", "scope_album_ids")
    performing = "scope_track_artists" if "track_artists" in wanted else "scope_ids"
    yield "scope_near", _either(performing, "scope_ids", "artist_id as id")
    yield scope(IDENTITY), _NEAR
    if "artists" in wanted:
        theirs = f"(select * from {rows('artists')} semi join scope_ids using (source, artist_id))"  # noqa: S608
        yield scope("artists_history"), latest.history(load()["artists"], theirs)
    if _PAGES in wanted:
        yield scope("raw_pages_history"), latest.history(load()[_PAGES], _OWN_PAGES)


_IDS = Template("""
select source, id as artist_id from identity semi join $those using (entity_id) where kind = 'artist'
""")
_NEAR = "select * from identity semi join scope_near using (source, id)"
_OWN_PAGES = f"""(
select logged.* from {log(_PAGES)} as logged
semi join scope_ids on logged.source = scope_ids.source and {_IN_PATH} = artist_id where {_OWN_PAGE}
)"""  # noqa: S608  (our own SQL)


def _now(table: str, keys: str) -> Iterator[tuple[str, str]]:
    by = {"artist": _OF_ARTIST, "track": _OF_TRACK, "album": _OF_ALBUM}[_kind(table)]
    if table not in ROWS:
        yield scope(table), now(table, keys, by)
        return
    # One look into the log for all who ask.
    looked_for = f"{rows(table)}_keys"
    yield looked_for, _either(keys, f"changed_{ROWS[table]}", by[-1])
    yield rows(table), of(table, looked_for, by)
    yield scope(table), current(table, f"({among(rows(table), keys, by)})")


def _keys_of(table: str, key: str) -> str:
    # Also those it had once: their sets are looked at whole, and tell that it is no more of them.
    theirs = near(log(table), "deep_ids", _OF_ARTIST)
    return f"select distinct source, {key} from {theirs}"  # noqa: S608  (our own names)


def _either(one: str, other: str, key: str) -> str:
    return f"select source, {key} from {one} union select source, {key} from {other}"  # noqa: S608


def own_identity(affected: str) -> str:
    """Write the query of the identity of some affected artists alone: what checks are to count."""
    return f"select * from scope_identity semi join {affected} using (entity_id)"  # noqa: S608  (our own names)
