"""Finds out who an artist is: ids in every source, works that are theirs alone, names nobody else has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tunelake.errors import ConfigError
from tunelake.lake.subjects.subject import Subject
from tunelake.lake.upload.facts import made_id

if TYPE_CHECKING:
    import duckdb

Pairs = set[tuple[str, str]]

_KNOWN = """
SELECT DISTINCT source, artist_id FROM artists_history WHERE artist_id = $id
UNION SELECT DISTINCT source, artist_id FROM track_artists_history WHERE artist_id = $id
UNION SELECT DISTINCT source, artist_id FROM album_artists_history WHERE artist_id = $id
UNION SELECT DISTINCT source, other_artist_id FROM related_artists_history WHERE other_artist_id = $id
"""
_BY_ENTITY = "SELECT DISTINCT source, artist_id FROM artists_history WHERE {} = $id"
_ENTITY = "'a' || substr(md5(source || ':' || artist_id), 1, 16)"
_JOINED = """
SELECT DISTINCT source, id, entity_id FROM identity WHERE kind = 'artist' AND entity_id IN (
  SELECT entity_id FROM identity WHERE kind = 'artist' AND (id = $id OR entity_id = $id)
)
"""
_ITS_OWN = """
SELECT entity_id FROM identity WHERE kind = 'artist' GROUP BY entity_id HAVING bool_and(source = $source)
"""
_ALONE = """
SELECT DISTINCT w.source, w.{work} FROM {table}_history AS w SEMI JOIN mine ON mine.source = w.source
  AND mine.artist_id = w.artist_id
EXCEPT
SELECT DISTINCT w.source, w.{work} FROM {table}_history AS w ANTI JOIN mine ON mine.source = w.source
  AND mine.artist_id = w.artist_id
WHERE w.artist_id IS NOT NULL
"""
_HOLDING_OTHERS = """
SELECT DISTINCT t.source, t.album_id FROM tracks_history AS t
SEMI JOIN albums_alone AS a ON a.source = t.source AND a.id = t.album_id
ANTI JOIN tracks_alone AS own ON own.source = t.source AND own.id = t.track_id
"""
_NAMES = """
SELECT DISTINCT h.name FROM artists_history AS h SEMI JOIN mine USING (source, artist_id) WHERE h.name <> ''
UNION
SELECT DISTINCT h.alias FROM artist_aliases_history AS h SEMI JOIN mine USING (source, artist_id)
WHERE h.alias <> ''
"""
_OTHERS = """
SELECT DISTINCT lower(trim(name)) FROM (
  SELECT name, source, artist_id FROM artists_history
  UNION ALL SELECT alias, source, artist_id FROM artist_aliases_history
) AS every ANTI JOIN mine USING (source, artist_id)
WHERE lower(trim(name)) IN (SELECT lower(trim(name)) FROM called)
"""


def artist(connection: duckdb.DuckDBPyConnection, asked: str) -> Subject:
    """Find out who an artist is.

    Args:
        connection: With the views of the lake.
        asked: An id of the artist in any source, or an entity_id.

    Raises:
        ConfigError: Nothing tells of such an artist.
    """
    pairs, entities = _joined(connection, asked)
    if not pairs:
        pairs = _pairs(connection, _KNOWN, asked) | _pairs(connection, _BY_ENTITY.format(_ENTITY), asked)
    if not pairs:
        raise ConfigError(
            f"no artist here has the id '{asked}': give an artist_id or an entity_id; "
            "the table `artists` has the one, the mart `artist_profile` both"
        )
    entities |= {entity_of(source, one) for source, one in pairs}
    _relation(connection, "mine", ("source", "artist_id"), pairs)
    works = _works(connection)
    names = {str(name) for (name,) in connection.execute(_NAMES).fetchall()}
    _relation(connection, "called", ("name",), {(name,) for name in names})
    others = {str(name) for (name,) in connection.execute(_OTHERS).fetchall()}
    shared = {name for name in names if name.strip().lower() in others}
    made = {name for name in names if any(one == made_id(name) for _, one in pairs)}
    return Subject(
        kind="artist",
        asked=asked,
        ids={"artist": _by_source(pairs), **{kind: _by_source(found) for kind, found in works.items()}},
        entities=sorted(entities),
        names=sorted(names - shared),
        made=sorted(made),
        shared=sorted(shared),
    )


def source(connection: duckdb.DuckDBPyConnection, name: str) -> Subject:
    """Find out what is all of a source: artists whom no other source tells of leave the marts and stores.

    Args:
        connection: With the views of the lake.
        name: The source.
    """
    there = connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'identity'").fetchone()
    found = connection.execute(_ITS_OWN, {"source": name}).fetchall() if there else []
    return Subject(kind="source", asked=name, source=name, entities=sorted(str(one) for (one,) in found))


def entity_of(source: str, artist_id: str) -> str:
    """Give the id in the marts and stores of an artist who is joined with no other."""
    return "a" + hashlib.md5(f"{source}:{artist_id}".encode(), usedforsecurity=False).hexdigest()[:16]


def _joined(connection: duckdb.DuckDBPyConnection, asked: str) -> tuple[Pairs, set[str]]:
    """The ids that the marts join with this one, once there are marts."""
    there = connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'identity'").fetchone()
    found = connection.execute(_JOINED, {"id": asked}).fetchall() if there else []
    return {(source, one) for source, one, _ in found}, {entity for *_, entity in found}


def _works(connection: duckdb.DuckDBPyConnection) -> dict[str, Pairs]:
    """Albums and tracks on which nobody else is credited; an album that holds others' tracks is none."""
    tracks = _found(connection, _ALONE.format(work="track_id", table="track_artists"))
    albums = _found(connection, _ALONE.format(work="album_id", table="album_artists"))
    _relation(connection, "tracks_alone", ("source", "id"), tracks)
    _relation(connection, "albums_alone", ("source", "id"), albums)
    return {"album": albums - _found(connection, _HOLDING_OTHERS), "track": tracks}


def _pairs(connection: duckdb.DuckDBPyConnection, query: str, asked: str) -> Pairs:
    return {(str(source), str(one)) for source, one in connection.execute(query, {"id": asked}).fetchall()}


def _found(connection: duckdb.DuckDBPyConnection, query: str) -> Pairs:
    return {(str(source), str(one)) for source, one in connection.execute(query).fetchall() if one}


def _relation(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
) -> None:
    import pyarrow as pa

    listed = list(rows)
    made = pa.table(
        {one: pa.array([row[at] for row in listed], pa.string()) for at, one in enumerate(columns)}
    )
    connection.register("made", made)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM made")
    connection.unregister("made")


def _by_source(pairs: Pairs) -> dict[str, list[str]]:
    return {
        source: sorted(one for of, one in pairs if of == source) for source in sorted({s for s, _ in pairs})
    }
