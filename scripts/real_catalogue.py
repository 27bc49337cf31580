"""Prepare a catalogue of real music for `tunelake sandbox serve --catalogue`.

Usage: python scripts/real_catalogue.py SHARED_DATA OUT_DIR

Joins the playlists of `tidytuesday/` to the artists of `soundgraph/` by lower-cased name and writes one
Parquet file a table. Prints the counts as JSON; exits 1 when they are not the known ones, 2 when a file
is not there. Homonyms are a risk of such a join; the values keep the rights of where they came from.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

EXPECTED = {
    "artists": 1206,
    "albums": 7100,
    "tracks": 10206,
    "features": 10206,
    "playlists": 433,
    "playlist_items": 12902,
}
_SOURCES = {
    "songs": "tidytuesday/spotify_songs.csv.gz",
    "ids": "soundgraph/wikidata_artists.csv",
    "facts": "soundgraph/Artist_info.csv",
}
_ABOUT = 'label = "real music: tidytuesday and soundgraph, values of 2020 to 2023"\nrights = "spotify"\n'

_READ = """
create table {name} as
select row_number() over () as n, *
from read_csv(?, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', nullstr = '')
"""
# Each row of a song whose artist is known.
_JOINED = """
create table joined as
select songs.*, ids.Url_spotify as artist_id
from songs join ids on lower(songs.track_artist) = lower(ids.Artist)
"""
_TABLES = {
    "artists": """
        select ids.Url_spotify as artist_id, ids.Artist as name,
          list_filter(
            regexp_split_to_array(regexp_replace(facts.Genres, '^\\[[''"]?|[''"]?\\]$', '', 'g'),
              '[''"], [''"]'), lambda genre: genre <> '') as genres,
          facts.Popularity::integer as popularity, facts.Followers::bigint as followers,
          nullif(ids.country_codes, '_') as country
        from ids join facts on facts.Artist = ids.Artist
        where ids.Url_spotify in (select artist_id from joined) order by artist_id
    """,
    "albums": """
        select track_album_id as album_id, arg_min(track_album_name, n) as name,
          arg_min(track_album_release_date, n) as release_date
        from joined group by album_id order by min(n)
    """,
    "tracks": """
        select track_id, arg_min(track_name, n) as name, arg_min(track_album_id, n) as album_id,
          [arg_min(artist_id, n)] as artist_ids, arg_min(duration_ms::bigint, n) as duration_ms,
          arg_min(track_popularity::integer, n) as popularity
        from joined group by track_id order by min(n)
    """,
    "features": """
        select track_id, danceability::double as danceability, energy::double as energy,
          "key"::integer as "key", loudness::double as loudness, "mode"::integer as "mode",
          speechiness::double as speechiness, acousticness::double as acousticness,
          instrumentalness::double as instrumentalness, liveness::double as liveness,
          valence::double as valence, tempo::double as tempo, duration_ms::bigint as duration_ms
        from joined qualify row_number() over (partition by track_id order by n) = 1 order by n
    """,
    "playlists": """
        select playlist_id, arg_min(playlist_name, n) as name
        from joined group by playlist_id order by min(n)
    """,
    "playlist_items": """
        select playlist_id, track_id from joined group by playlist_id, track_id order by min(n)
    """,
}


def prepare(shared: Path, out: Path) -> dict[str, int]:
    """Write the catalogue and return the number of rows by table.

    Args:
        shared: The folder of real data.
        out: Where the files go; made when it is not there.

    Raises:
        FileNotFoundError: A file of real data is not there.
    """
    import duckdb

    out.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for name, file in _SOURCES.items():
        if not (shared / file).is_file():
            raise FileNotFoundError(shared / file)
        connection.execute(_READ.format(name=name), [str(shared / file)])
    connection.execute(_JOINED)
    counts = {name: _write(connection, query, out / f"{name}.parquet") for name, query in _TABLES.items()}
    (out / "catalogue.toml").write_text(_ABOUT, encoding="utf-8")
    return counts


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    import pyarrow.parquet as pq

    rows = connection.sql(query).to_arrow_table()
    pq.write_table(rows, path)
    return int(rows.num_rows)


def main() -> int:
    """Run for a person."""
    if len(sys.argv) != 3:  # noqa: PLR2004  # two folders
        print(__doc__, file=sys.stderr)
        return 2
    try:
        counts = prepare(Path(sys.argv[1]), Path(sys.argv[2]))
    except FileNotFoundError as error:
        print(f"there is no file {error}", file=sys.stderr)
        return 2
    print(json.dumps(counts))
    if counts != EXPECTED:
        print(f"these are not the known counts: {json.dumps(EXPECTED)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
