"""A person's own files: what is taken, and how a bad one is named."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue, Query
from tunelake.sandbox.files.own import own_catalogue

ID = "7dGJo4pcD2V6oG8kP0tJRR"
GOOD = {
    "artists": f"artist_id,name,aliases,genres,popularity\n{ID},Ana,Anita|Ann,folk|dark folk,50\nb,Bo,,,\n",
    "albums": "album_id,name,release_date\nl1,Lunes,1999\n",
    "tracks": f"track_id,name,album_id,artist_ids,duration_ms\nt1,Uno,l1,{ID}|b,1000\nt2,Dos,l1,b,\n",
    "features": "track_id,energy,key\nt1,0.25,\n",
    "playlists": "playlist_id,name\np,Mine\n",
    "playlist_items": "playlist_id,track_id\np,t2\np,\np,t1\n",
    "related": f"artist_id,related_id\n{ID},b\n",
}


def write(folder: Path, **changed: str) -> Path:
    for table, text in (GOOD | changed).items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    return folder


def only(catalogue: Catalogue, name: str) -> str:
    (found,) = catalogue.search("artist", Query(text=name), offset=0, limit=5).ids
    return found


def test_it_reads_csv(tmp_path: Path) -> None:
    catalogue = own_catalogue(write(tmp_path))
    ana = catalogue.artist(ID)
    assert ana is not None
    assert (ana.name, ana.aliases, ana.genres) == ("Ana", ("Anita", "Ann"), ("folk", "dark folk"))
    assert (ana.popularity, ana.followers) == (50, None)
    assert only(catalogue, "anita") == ID
    assert catalogue.related(ID) == (only(catalogue, "Bo"),)
    ((album_id, group),) = catalogue.albums_of(ID)
    album = catalogue.album(album_id)
    assert album is not None
    assert (album.release_date, album.release_date_precision, group) == ("1999", "year", "album")
    assert album.artist_ids == (ID, only(catalogue, "Bo"))
    one, two = album.track_ids
    features = catalogue.features(one)
    assert features is not None
    assert (features.energy, features.key, features.tempo) == (0.25, None, None)
    assert catalogue.features(two) is None
    playlist = catalogue.playlist(catalogue.playlists()[0])
    assert playlist is not None
    assert playlist.track_ids == (two, None, one)
    assert catalogue.about.rights == "owner"


def test_the_same_files_give_the_same_ids(tmp_path: Path) -> None:
    one, two = own_catalogue(write(tmp_path)), own_catalogue(write(tmp_path))
    assert only(one, "Bo") == only(two, "Bo") != "b"
    assert one.playlists() == two.playlists()


def test_it_reads_parquet_and_compressed_csv(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "artists.csv").unlink()
    (tmp_path / "albums.csv").unlink()
    artists = {
        "artist_id": [ID, "b"],
        "name": ["Ana", "Bo"],
        "genres": [["folk"], None],
        "followers": [7, None],
    }
    pq.write_table(pa.table(artists), tmp_path / "artists.parquet")
    packed = gzip.compress(b"album_id,name,release_date\nl1,Lunes,1999-05\n")
    (tmp_path / "albums.csv.gz").write_bytes(packed)
    catalogue = own_catalogue(tmp_path)
    ana = catalogue.artist(ID)
    assert ana is not None
    assert (ana.genres, ana.followers) == (("folk",), 7)
    album = catalogue.album(catalogue.albums_of(ID)[0][0])
    assert album is not None
    assert (album.release_date, album.release_date_precision) == ("1999-05", "month")


def test_dates_of_parquet_and_missing_numbers_are_kept(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "albums.csv").unlink()
    (tmp_path / "features.csv").unlink()
    albums = {"album_id": ["l1"], "name": ["Lunes"], "release_date": [date(2020, 2, 29)]}
    pq.write_table(pa.table(albums), tmp_path / "albums.parquet")
    features = {"track_id": ["t1"], "energy": [float("nan")], "key": pa.array([None], pa.int64())}
    pq.write_table(pa.table(features), tmp_path / "features.parquet")
    catalogue = own_catalogue(tmp_path)
    album = catalogue.album(catalogue.albums_of(ID)[0][0])
    assert album is not None
    assert (album.release_date, album.release_date_precision) == ("2020-02-29", "day")
    found = catalogue.features(album.track_ids[0])
    assert found is not None
    assert (found.energy, found.key) == (None, None)


def test_what_a_person_says_of_it_is_kept(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "catalogue.toml").write_text('label = "my music"\nrights = "spotify"\nmarkets = ["DE"]\n')
    catalogue = own_catalogue(tmp_path)
    assert (catalogue.about.label, catalogue.about.rights) == ("my music", "spotify")
    assert catalogue.markets() == ("DE",)


BAD = {
    "no number": (
        {"tracks": "name,album_id,artist_ids,duration_ms\nA,l1,b,1\nB,l1,b,soon\n"},
        "row 2, column duration_ms",
    ),
    "not whole": ({"artists": "name,followers\nAna,1.5\n"}, "row 1, column followers"),
    "infinite": ({"artists": "name,followers\nAna,inf\n"}, "row 1, column followers"),
    "out of range": ({"artists": "name,popularity\nAna,101\n"}, "is not between 0 and 100"),
    "no date": ({"albums": "album_id,name,release_date\nl1,L,spring\n"}, "write 1999, 1999-05 or"),
    "no name": ({"artists": f"artist_id,name\n{ID},\n"}, "row 1, column name: is empty"),
    "unknown column": ({"artists": "nmae,name\nAna,Ana\n"}, "column 'nmae' is not known"),
    "missing column": ({"tracks": "name\nUno\n"}, "column 'album_id' is missing"),
    "unknown album": ({"tracks": "name,album_id\nUno,l9\n"}, "'l9' is not in albums"),
    "unknown artist": ({"tracks": "name,album_id,artist_ids\nUno,l1,zz\n"}, "'zz' is not in artists"),
    "unknown track": ({"features": "track_id\nt9\n"}, "'t9' is not in tracks"),
    "unknown item": ({"playlist_items": "playlist_id,track_id\np,t9\n"}, "'t9' is not in tracks"),
    "twice": ({"artists": "artist_id,name\na,A\na,B\n"}, "row 2, column artist_id: is the same as"),
    "nobody's": ({"tracks": "name,album_id\nUno,l1\n"}, "column artist_ids: is empty"),
    "ragged": ({"artists": "name,genres\nAna\n"}, "row 1: 1 cells under 2 columns"),
    "empty": ({"artists": ""}, "column 'name' is missing"),
}


@pytest.mark.parametrize(("changed", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_named(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    write(tmp_path, **changed)
    with pytest.raises(ConfigError) as caught:
        own_catalogue(tmp_path)
    assert says in str(caught.value)
    assert f"{next(iter(changed))}.csv" in str(caught.value)


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        own_catalogue(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"has no artists\.parquet"):
        own_catalogue(tmp_path)


def test_files_that_are_not_what_they_are_named_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "artists.csv").write_bytes(b"name\n\xff\xfe\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        own_catalogue(tmp_path)
    (tmp_path / "artists.csv").unlink()
    (tmp_path / "artists.csv.gz").write_bytes(gzip.compress(b"name\nAna\n")[:-9])
    with pytest.raises(ConfigError, match="cannot be read as CSV"):
        own_catalogue(tmp_path)
    (tmp_path / "artists.csv.gz").unlink()
    (tmp_path / "artists.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ConfigError, match="cannot be read as Parquet"):
        own_catalogue(tmp_path)
    write(tmp_path)
    with pytest.raises(ConfigError, match="has both"):
        own_catalogue(tmp_path)


@pytest.mark.parametrize("text", ["label = ", "titel = 'x'\n", "markets = 'DE'\n"])
def test_a_bad_description_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "catalogue.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"catalogue\.toml"):
        own_catalogue(tmp_path)
