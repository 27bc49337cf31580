from __future__ import annotations

import pytest

from tunelake.sandbox.catalogue import About, Album, Artist, Features, Playlist, Track
from tunelake.sandbox.memory import Holding, MemoryCatalogue


def an_id(name: str) -> str:
    return name.ljust(22, "x")


def small_holding() -> Holding:
    artists = [
        Artist(
            id=an_id("artist1"), name="Blue Harbour", genres=("dream pop",), popularity=70, followers=1000
        ),
        Artist(id=an_id("artist2"), name="Öde", aliases=("Ode",), genres=(), popularity=None, followers=None),
    ]
    tracks = [
        Track(
            id=an_id(f"track{number}"),
            name=f"Song {number}",
            album_id=an_id("album1"),
            artist_ids=(an_id("artist1"), an_id("artist2")),
            duration_ms=180_000 + number,
            track_number=number,
            isrc=f"QZ00126000{number:02}",
            popularity=number,
            markets=("KR",) if number == 1 else ("KR", "US"),
        )
        for number in range(1, 13)
    ]
    tracks.append(
        Track(
            id=an_id("trackyear"),
            name="Old",
            album_id=an_id("album2"),
            artist_ids=(an_id("artist1"),),
            duration_ms=1,
        )
    )
    albums = [
        Album(
            id=an_id("album1"),
            name="Harbour Lights",
            album_type="album",
            artist_ids=(an_id("artist1"),),
            release_date="2026-02-03",
            release_date_precision="day",
            track_ids=tuple(track.id for track in tracks[:12]),
            label="Quay",
            upc="012345678905",
            popularity=55,
            markets=("KR", "US"),
        ),
        Album(
            id=an_id("album2"),
            name="Old Songs",
            album_type="single",
            artist_ids=(an_id("artist1"),),
            release_date="1999",
            release_date_precision="year",
            track_ids=(an_id("trackyear"),),
            markets=("KR",),
        ),
    ]
    numbers = dict.fromkeys(
        ("danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness", "liveness"),
        0.5,
    )
    features = Features(
        track_id=an_id("track1"),
        **numbers,
        valence=None,
        tempo=120.0,
        key=1,
        mode=0,
        time_signature=4,
        duration_ms=1,
    )
    playlist = Playlist(
        id=an_id("playlist1"),
        name="Mixed",
        description="",
        owner_id="harbourmaster",
        track_ids=(an_id("track1"), None, an_id("track2")),
        snapshot_id="snap",
    )
    return Holding(
        artists={one.id: one for one in artists},
        albums={one.id: one for one in albums},
        tracks={one.id: one for one in tracks},
        features={features.track_id: features},
        playlists={playlist.id: playlist},
        related={an_id("artist1"): (an_id("artist2"),)},
    )


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    return MemoryCatalogue(small_holding(), About(label='a "small" 목록', rights="all"), ("KR", "US"))
