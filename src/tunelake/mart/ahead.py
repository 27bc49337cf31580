"""The marts an artist's card is made of, ahead of a run: which they are, and what they read. Pure.

They are computed by the models of every run, over all that tells of the artists that were just told of.
What a run does beside that is left out: finding who else is affected, checks, and keeping.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Collection, Iterator, Mapping

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.lake.history import latest
from tunelake.mart import logs
from tunelake.mart.model import select_of

SHOWN = ("artist_profile", "artist_facts", "artist_top_tracks", "discography", "collaborations")
"""What a card and a comparison read; all of it is keyed by entity."""

OF_EVERYBODY = ("artist_profile", "artist_facts", "collaborations")
"""Those of which the others' rows are read, too: to compare with, and to name whom the artist is near to."""

IDENTITY = "identity"
TOLD_IDENTITY = "told_identity"
_BY_ARTIST = ("artists", "artist_aliases", "artist_genres", "top_tracks")
_BY_TRACK = ("tracks", "audio_features")
TABLES = (*_BY_ARTIST, *_BY_TRACK, "track_artists", "album_artists", "albums", "raw_pages")
"""The tables that are read."""

_OF_ARTIST, _OF_TRACK, _OF_ALBUM = (("source", f"{kind}_id") for kind in ("artist", "track", "album"))
_WORD = re.compile(r"\w+")
_READ = re.compile(r"\b(?:from|join)\s+\"?(\w+)", re.IGNORECASE)


def needed(files: Mapping[str, str]) -> dict[str, str]:
    """Pick the models that what is shown needs, identity left out, in an order in which they can run.

    Nothing is parsed, for a person waits: a model reads what follows its FROM and JOIN words.

    Args:
        files: Model files by name.

    Returns:
        Their SELECTs by name.

    Raises:
        ConfigError: A file cannot be read, or models read each other in a circle.
    """
    selects: dict[str, str] = {}
    reads: dict[str, list[str]] = {}
    ahead = list(SHOWN)
    while ahead:
        name = ahead.pop()
        if name not in selects:
            selects[name] = select_of(name, files[name])
            found = {word.lower() for word in _READ.findall(selects[name])} & files.keys()
            reads[name] = sorted(found - {IDENTITY, name})
            ahead += reads[name]
    try:
        return {name: selects[name] for name in graphlib.TopologicalSorter(reads).static_order()}
    except graphlib.CycleError as error:
        raise ConfigError(f"models read each other in a circle: {' -> '.join(error.args[1])}") from error


def fresh(table: str) -> str:
    """Name the relation of rows of a table that are in none yet."""
    return f"fresh_{table}"


def news(table: str) -> str:
    """Name the relation of those that will land: of artists not all do, and a card names its answer."""
    return f"news_{table}" if table == "artists" else fresh(table)


def part(mart: str) -> str:
    """Name the relation of a mart's rows of the artists that were told of."""
    return f"ahead_{mart}"


def log(table: str, files: list[str], told: Collection[str]) -> str:
    """Write the query of a table's log with the rows that are in no table yet."""
    landed = latest.log(load()[table], files)
    return f"{landed} union all by name from {news(table)}" if table in told else landed


def before_identity(model: str, asked: str) -> Iterator[tuple[str, str]]:
    """Give views over which the model of identity gives the entities of the artists told of alone.

    Args:
        model: Its SELECT.
        asked: Id of the artist asked for.
    """
    named = set(_WORD.findall(model)) & load().keys()
    for table in sorted(named - {"artists"}):
        yield table, latest.log(load()[table], [])
    columns = "source, artist_id, name"
    told = f"select {columns} from {fresh('artists')} union all {_asked(columns, asked)}"  # noqa: S608
    yield "artists", f"select source, artist_id, max(name) as name from ({told}) group by all"  # noqa: S608


def identity(kept: str) -> str:
    """Write the query of the identity of all artists; who has one keeps it, for joins look at everybody."""
    new = f"select * from {TOLD_IDENTITY} anti join {kept} using (source, kind, id)"  # noqa: S608
    return f"select * from {kept} union all by name {new}"  # noqa: S608


def affected(asked: str) -> str:
    """Write the query of the entities that were told of: whose rows may be others now.

    Whoever performs on a track that was told of is told with it, so nobody else has to be looked for.

    Args:
        asked: Id of the artist asked for: it is one of them also when all of it landed.
    """
    columns = "source, artist_id"
    told = f"select {columns} from {fresh('artists')} union {_asked(columns, asked)}"  # noqa: S608
    return (
        f"select distinct i.entity_id from ({told}) as told "  # noqa: S608  (our own names)
        f"join {IDENTITY} as i on i.source = told.source and i.id = told.artist_id"
    )


def _asked(columns: str, artist_id: str) -> str:
    return f"select {columns} from {logs.log('artists')} where artist_id = {latest.literal(artist_id)}"  # noqa: S608


def around() -> Iterator[tuple[str, str]]:
    """Give, in order, the tables of all that tells of `affected`: names and their queries."""
    yield "told_ids", _TOLD_IDS
    for table in _BY_ARTIST:
        yield table, logs.now(table, "told_ids", _OF_ARTIST)
    yield "own_tracks", _keys_of("track_artists", "track_id")
    yield "track_artists", logs.now("track_artists", "own_tracks", _OF_TRACK)
    yield "told_tracks", _either("own_tracks", "top_tracks", "track_id")
    for table in _BY_TRACK:
        yield table, logs.now(table, "told_tracks", _OF_TRACK)
    yield "own_albums", _keys_of("album_artists", "album_id")
    yield "album_artists", logs.now("album_artists", "own_albums", _OF_ALBUM)
    yield "told_albums", _either("own_albums", "tracks", "album_id")
    yield "albums", logs.now("albums", "told_albums", _OF_ALBUM)
    yield "near_ids", _either("track_artists", "told_ids", "artist_id as id")
    yield "near_identity", f"select * from {IDENTITY} semi join near_ids using (source, id)"  # noqa: S608
    yield "raw_pages_history", latest.history(load()["raw_pages"], _OWN_PAGES)


_TOLD_IDS = """
select source, id as artist_id from identity semi join affected using (entity_id) where kind = 'artist'
"""
_OWN_PAGES = (
    f"(select logged.* from {logs.log('raw_pages')} as logged "  # noqa: S608  (our own names)
    "semi join told_ids on logged.source = told_ids.source and split_part(path, '/', 3) = artist_id)"
)


def _keys_of(table: str, key: str) -> str:
    # Also those it had once: their sets are looked at whole, and tell that it is no more of them.
    theirs = logs.near(logs.log(table), "told_ids", _OF_ARTIST)
    return f"select distinct source, {key} from {theirs}"  # noqa: S608  (our own names)


def _either(one: str, other: str, key: str) -> str:
    return f"select source, {key} from {one} union select source, {key} from {other}"  # noqa: S608


def among(mart: str, kept: str) -> str:
    """Write the query of a mart of everybody: the kept rows of others, and those of who was told of."""
    return (
        f"select * from {kept} anti join affected using (entity_id) "  # noqa: S608  (our own names)
        f"union all by name from {part(mart)}"
    )


def of_affected(sql: str) -> str:
    """Write the query of the rows of a model that are about the artists told of."""
    return f"select * from ({sql}) as near semi join affected using (entity_id)"  # noqa: S608  (our own SQL)
