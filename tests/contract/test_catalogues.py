"""Every catalogue the sandbox can serve keeps the same promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tunelake.sandbox.catalogue import Artist, Catalogue, Query
from tunelake.sandbox.facts.facts import facts_catalogue
from tunelake.sandbox.ids import is_id
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.world.world import World

UNKNOWN = "0" * 22
ALL = 10_000


def _files(folder: Path) -> Catalogue:
    tables = {
        "artists": "artist_id,name,aliases,genres\nA,Ana Ruiz,,folk|tango\n"
        "1234567890123456789012,Bo,보,rock\n",
        "albums": "album_id,name,artist_ids,release_date\nL,Lunes,A,1999\nM,Martes,,2003-05\n",
        "tracks": "track_id,name,album_id,artist_ids,duration_ms,isrc\n"
        "T1,Uno,L,,1000,ARA019900001\nT2,Dos,L,A|1234567890123456789012,2000,\n"
        "T3,Tres,M,1234567890123456789012,3000,\n",
        "features": "track_id,danceability,key\nT1,0.5,3\nT2,,\n",
        "playlists": "playlist_id,name\nP,Mine\n",
        "playlist_items": "playlist_id,track_id\nP,T1\nP,\nP,T1\n",
        "related": "artist_id,related_id\nA,1234567890123456789012\n",
    }
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    return open_catalogue(artists=1, seed=1, directory=folder)


MAKERS: dict[str, Callable[[Path], Catalogue]] = {
    "world": lambda _: World(artists=60, seed=3),
    "facts": lambda _: facts_catalogue(),
    "both": lambda _: open_catalogue(artists=30, seed=3, directory=None),
    "files": _files,
}


@pytest.fixture(params=MAKERS)
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Catalogue:
    return MAKERS[request.param](tmp_path)


def _artists(catalogue: Catalogue) -> list[Artist]:
    """All that any first letter finds."""
    ids: dict[str, None] = {}
    for letter in "abcdefghijklmnopqrstuvwxyzþøåç!1":
        hits = catalogue.search("artist", Query(text=letter), offset=0, limit=ALL)
        assert hits.total == len(hits.ids) == len(set(hits.ids))
        ids.update(dict.fromkeys(hits.ids))
    found = [catalogue.artist(one) for one in ids]
    assert found
    assert None not in found
    return [one for one in found if one is not None]


def test_unknown_ids_are_answered_with_none(catalogue: Catalogue) -> None:
    for text in (UNKNOWN, "", "x", "é" * 22, "z" * 22):
        assert catalogue.artist(text) is None
        assert catalogue.album(text) is None
        assert catalogue.track(text) is None
        assert catalogue.features(text) is None
        assert catalogue.playlist(text) is None
        assert not catalogue.albums_of(text)
        assert not catalogue.top_tracks(text, "US")
        assert not catalogue.related(text)


def test_ids_of_one_kind_are_not_another(catalogue: Catalogue) -> None:
    artist = _artists(catalogue)[0]
    assert catalogue.album(artist.id) is None
    assert catalogue.track(artist.id) is None
    assert catalogue.playlist(artist.id) is None


def test_all_that_an_artist_names_is_there(catalogue: Catalogue) -> None:
    for artist in _artists(catalogue)[:40]:
        assert is_id(artist.id)
        assert len(catalogue.related(artist.id)) <= 20
        assert all(catalogue.artist(one) for one in catalogue.related(artist.id))
        assert artist.id not in catalogue.related(artist.id)
        listed = catalogue.albums_of(artist.id)
        assert len({album_id for album_id, _ in listed}) == len(listed)
        heard: set[str] = set()
        for album_id, group in listed:
            album = catalogue.album(album_id)
            assert album is not None
            tracks = [catalogue.track(one) for one in album.track_ids]
            mine = [one for one in tracks if one is not None and artist.id in one.artist_ids]
            assert (artist.id in album.artist_ids) == (group == album.album_type)
            assert (artist.id not in album.artist_ids) == (group == "appears_on")
            assert mine or group != "appears_on"
            heard.update(one.id for one in mine)
        top = catalogue.top_tracks(artist.id, "US")
        assert len(top) == len(set(top)) <= 10
        assert heard.issuperset(top)


def test_albums_and_tracks_agree(catalogue: Catalogue) -> None:
    ids = [one for artist in _artists(catalogue)[:40] for one, _ in catalogue.albums_of(artist.id)]
    assert ids
    for album_id in ids:
        album = catalogue.album(album_id)
        assert album is not None
        assert album.id == album_id
        assert len(album.release_date) == {"year": 4, "month": 7, "day": 10}[album.release_date_precision]
        assert album.artist_ids
        assert all(catalogue.artist(one) for one in album.artist_ids)
        places = []
        for track_id in album.track_ids:
            track = catalogue.track(track_id)
            assert track is not None
            assert (track.id, track.album_id) == (track_id, album_id)
            assert track.artist_ids
            assert all(catalogue.artist(one) for one in track.artist_ids)
            places.append((track.disc_number, track.track_number))
            features = catalogue.features(track_id)
            assert features is None or features.track_id == track_id
        assert places == sorted(set(places))


def test_a_name_or_alias_finds_its_bearer_first(catalogue: Catalogue) -> None:
    for artist in _artists(catalogue)[:60]:
        for name in (artist.name, artist.name.upper(), *artist.aliases):
            first = catalogue.search("artist", Query(text=name), offset=0, limit=3).ids
            assert artist.id in first, name


def test_pages_are_cuts_of_one_list(catalogue: Catalogue) -> None:
    query = Query(text="a")
    whole = catalogue.search("artist", query, offset=0, limit=ALL)
    pieces: list[str] = []
    for offset in range(0, whole.total + 3, 3):
        piece = catalogue.search("artist", query, offset=offset, limit=3)
        assert piece.total == whole.total
        pieces.extend(piece.ids)
    assert tuple(pieces) == whole.ids


@pytest.mark.parametrize("kind", ["artist", "album", "track"])
def test_what_nothing_matches_finds_nothing(catalogue: Catalogue, kind: str) -> None:
    for query in (Query(text="qzxjwv"), Query(text="qzxjwv a"), Query(), Query(isrc="XX0000000000")):
        hits = catalogue.search(kind, query, offset=0, limit=5)  # type: ignore[arg-type]  # pytest gives str
        assert (hits.ids, hits.total) == ((), 0)


def test_filters_find_what_was_filtered_for(catalogue: Catalogue) -> None:
    artist = next(one for one in _artists(catalogue) if catalogue.top_tracks(one.id, "US"))
    track = catalogue.track(catalogue.top_tracks(artist.id, "US")[0])
    assert track is not None
    album = catalogue.album(track.album_id)
    assert album is not None
    year = int(album.release_date[:4])
    by_filters = Query(artist=artist.name, track=track.name, album=album.name, year_from=year, year_to=year)
    assert track.id in catalogue.search("track", by_filters, offset=0, limit=ALL).ids
    by_text = Query(text=f"{artist.name} {track.name}")
    assert track.id in catalogue.search("track", by_text, offset=0, limit=ALL).ids
    wrong_year = Query(artist=artist.name, track=track.name, year_from=year + 90)
    assert catalogue.search("track", wrong_year, offset=0, limit=5).total == 0
    if track.isrc:
        assert track.id in catalogue.search("track", Query(isrc=track.isrc.lower()), offset=0, limit=9).ids
    if album.upc:
        assert catalogue.search("album", Query(upc=album.upc), offset=0, limit=9).ids == (album.id,)
    by_artist = Query(artist=artist.name)
    assert album.id in catalogue.search("album", by_artist, offset=0, limit=ALL).ids
    if artist.genres:
        of_genre = catalogue.search("artist", Query(genre=artist.genres[0]), offset=0, limit=ALL)
        assert artist.id in of_genre.ids


def test_releases_playlists_and_markets(catalogue: Catalogue) -> None:
    releases = [catalogue.album(one) for one in catalogue.new_releases()]
    dates = [one.release_date for one in releases if one is not None]
    assert len(dates) == len(releases) <= 100
    assert releases
    assert "US" in catalogue.markets()
    for playlist_id in catalogue.playlists():
        playlist = catalogue.playlist(playlist_id)
        assert playlist is not None
        assert all(one is None or catalogue.track(one) for one in playlist.track_ids)
    assert catalogue.about.label
    assert catalogue.about.rights
