"""Rows of a catalogue of any size for the benchmark of the marts, as queries that make them from numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunelake.lake.contracts.contract import Contract

TRACKS_OF_ARTIST, ALBUMS_OF_ARTIST, MONTHS, GENRES = 50, 5, 200, 500


def columns(table: str, extra: str) -> str:
    """Give every column of a table its value: what `extra` says ("name = value; ..."), else null."""
    from tunelake.lake.contracts.contract import load, public

    told = {"source": "'sandbox'", "rights": "'all'", "page_id": "'p'", "observed_at": "start"}
    for part in extra.split("; "):
        name, _, value = part.strip().partition(" = ")
        told[name] = value
    return ", ".join(
        f'({told.get(column.name, "null")})::{column.sql_type} as "{column.name}"'
        for column in public(load()[table])
    )


def logged(contract: Contract, rows: str) -> str:
    """Give the rows of a table what its log has beside them."""
    own = ", ".join(f'"{name}"' for name in contract.identity)
    private = "true as _whole" if contract.is_set else "0 as _absent, (row_number() over ())::integer as _row"
    told = f"(hash({own}) >> 1)::bigint as _key, (hash(t) >> 1)::bigint as _hash"
    return f"select {told}, {private}, * from ({rows}) as t"  # noqa: S608  (our own SQL)


def tables(artists: int, first: int = 0, tag: str = "", share: int = 1) -> Iterator[tuple[str, str]]:
    """Give queries of the rows of a catalogue.

    Args:
        artists: How many there are.
        first: The day they are seen.
        tag: Keeps the ids of albums and tracks of this part apart.
        share: One artist of so many is seen, and one of ten times as many has albums and tracks.
    """
    seen = artists // share
    busy = seen if share == 1 else max(seen // 10, 1)
    tracks, albums = busy * TRACKS_OF_ARTIST, busy * ALBUMS_OF_ARTIST
    start = f"with s as (select timestamptz '2026-01-01 00:00:00+00' + interval ({first}) day as start)"

    def artist(number: str) -> str:
        return f"md5('artist' || ({number}) * {share})[:22]"

    def query(table: str, count: int, extra: str, where: str = "true") -> str:
        return f"{start} select {columns(table, extra)} from range({count}) as r(i), s where {where}"  # noqa: S608

    track, album = f"md5('track{tag}' || i)[:22]", f"md5('album{tag}' || i)[:22]"
    performer, guest = artist(f"i // {TRACKS_OF_ARTIST}"), artist(f"hash(i * 7) % {busy}")
    on_album = f"md5('album{tag}' || (i // {TRACKS_OF_ARTIST // ALBUMS_OF_ARTIST}))[:22]"
    yield (
        "artists",
        query(
            "artists",
            seen,
            f"artist_id = {artist('i')}; name = 'Artist ' || (i * {share}); followers = hash(i) % 10000000; "
            f"popularity = hash(i + {first}) % 101; country = 'C' || (i % 60)",
        ),
    )
    yield (
        "tracks",
        query(
            "tracks",
            tracks,
            f"track_id = {track}; name = 'Song ' || (i % {tracks // 2 + 1}); album_id = {on_album}; "
            "duration_ms = 100000 + hash(i) % 200000; popularity = hash(i) % 101; isrc = 'US' || i",
        ),
    )
    first_credit = query(
        "track_artists", tracks, f"track_id = {track}; artist_id = {performer}; position = 0"
    )
    guests = query(
        "track_artists",
        tracks,
        f"track_id = {track}; artist_id = {guest}; position = 1",
        f"i % 10 = 0 and {performer} <> {guest}",
    )
    yield "track_artists", f"from ({first_credit}) union all from ({guests})"
    yield (
        "albums",
        query(
            "albums",
            albums,
            f"album_id = {album}; name = 'Album ' || i; album_type = 'album'; "
            "label = 'Label ' || (i % 3000); "
            "release_date = (1960 + i % 66)::varchar || '-0' || (1 + i % 9) || '-11'; popularity = i % 101; "
            "total_tracks = 10",
        ),
    )
    owner = artist(f"i // {ALBUMS_OF_ARTIST}")
    yield (
        "album_artists",
        query("album_artists", albums, f"album_id = {album}; position = 0; artist_id = {owner}"),
    )
    yield (
        "audio_features",
        query(
            "audio_features",
            tracks,
            f"track_id = {track}; danceability = (hash(i) % 1000) / 1000.0; loudness = -7.5; "
            "energy = (hash(i + 1) % 1000) / 1000.0; speechiness = 0.1; acousticness = 0.2; "
            "instrumentalness = (hash(i + 2) % 1000) / 1000.0",
        ),
    )
    if share > 1:
        return
    genre = f"genre = 'genre ' || (hash(i) % {GENRES})"
    yield (
        "artist_genres",
        query("artist_genres", artists * 3, f"artist_id = {artist('i // 3')}; {genre}; position = i % 3"),
    )
    top = f"md5('track' || ((i // 10) * {TRACKS_OF_ARTIST} + i % 10))[:22]"
    yield (
        "top_tracks",
        query(
            "top_tracks",
            artists // 10 * 10,
            f"market = 'US'; rank = 1 + i % 10; artist_id = {artist('i // 10')}; track_id = {top}",
        ),
    )


def snapshots(folder: Path, rows: int) -> None:
    """Write monthly facts of artists, and their profiles with genres, as Parquet."""
    import duckdb

    artists = max(rows // MONTHS, 1)
    month = f"strftime(date '2010-01-01' + interval (i // {artists}) month, '%Y-%m')"
    genres = ", ".join(f"'Genre ' || (hash(i * 3 + {place}) % {GENRES})" for place in range(3))
    queries = {
        "artist_trends": (
            f"select 'a' || (i % {artists}) as entity_id, {month} as month, "  # noqa: S608
            "(hash(i) % 101)::integer as popularity, (hash(i + 1) % 1000000)::bigint as followers "
            f"from range({rows}) as r(i)"
        ),
        "artist_profile": (
            f"select 'a' || i as entity_id, [{genres}] as genres from range({artists}) as r(i)"  # noqa: S608
        ),
    }
    for name, query in queries.items():
        duckdb.execute(f"copy ({query}) to '{folder}/{name}.parquet' (compression zstd)")
