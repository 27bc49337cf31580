"""Catalogue entities to the JSON objects of the API, as one kind of application sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType

from tunelake.sandbox import catalogue as words
from tunelake.sandbox.server import wire
from tunelake.sandbox.server.config import Profile

ARTIST_IMAGES = (640, 320, 160)
ALBUM_IMAGES = (640, 300, 64)
OPEN_URL = "https://open.spotify.com"


class Renderer:
    """Writes entities for one profile; `api_url` is the base of every href, `origin` that of pictures."""

    def __init__(self, catalogue: words.Catalogue, profile: Profile, origin: str) -> None:
        self.catalogue = catalogue
        self.profile = profile
        self.api_url = f"{origin}/v1"
        self._origin = origin
        self._full = profile == "extended"

    def artist(self, artist: words.Artist) -> wire.Artist:
        """A whole artist."""
        followers: dict[str, int | None] | UnsetType = UNSET
        if self._full and artist.followers is not None:
            followers = {"href": None, "total": artist.followers}
        return wire.Artist(
            external_urls=_open("artist", artist.id),
            followers=followers,
            genres=artist.genres,
            href=f"{self.api_url}/artists/{artist.id}",
            id=artist.id,
            images=self.images(artist.id, ARTIST_IMAGES),
            name=artist.name,
            popularity=self._number(artist.popularity),
            type="artist",
            uri=f"spotify:artist:{artist.id}",
        )

    def album_ref(
        self, album: words.Album, *, group: str | None = None, market: str | None = None
    ) -> wire.AlbumRef:
        """An album in a list or a track; `group` is how it belongs to the artist of the list."""
        return wire.AlbumRef(
            album_type=album.album_type,
            artists=self._artist_refs(album.artist_ids),
            available_markets=self._markets(album.markets),
            external_urls=_open("album", album.id),
            href=f"{self.api_url}/albums/{album.id}",
            id=album.id,
            images=self.images(album.id, ALBUM_IMAGES),
            name=album.name,
            release_date=album.release_date,
            release_date_precision=album.release_date_precision,
            total_tracks=len(album.track_ids),
            type="album",
            uri=f"spotify:album:{album.id}",
            album_group=group if group and self._full else UNSET,
            is_playable=_playable(album.markets, market),
        )

    def album(self, album: words.Album, tracks: wire.Page) -> wire.Album:
        """A whole album with the first page of its tracks."""
        return wire.Album(
            album_type=album.album_type,
            artists=self._artist_refs(album.artist_ids),
            available_markets=self._markets(album.markets),
            copyrights=_copyrights(album),
            external_ids={"upc": album.upc} if album.upc else {},
            external_urls=_open("album", album.id),
            genres=album.genres,
            href=f"{self.api_url}/albums/{album.id}",
            id=album.id,
            images=self.images(album.id, ALBUM_IMAGES),
            label=album.label if self._full and album.label is not None else UNSET,
            name=album.name,
            popularity=self._number(album.popularity),
            release_date=album.release_date,
            release_date_precision=album.release_date_precision,
            total_tracks=len(album.track_ids),
            tracks=tracks,
            type="album",
            uri=f"spotify:album:{album.id}",
        )

    def track_ref(self, track: words.Track, *, market: str | None = None) -> wire.TrackRef:
        """A track inside an album."""
        return wire.TrackRef(
            artists=self._artist_refs(track.artist_ids),
            available_markets=self._markets(track.markets),
            disc_number=track.disc_number,
            duration_ms=track.duration_ms,
            explicit=track.explicit,
            external_urls=_open("track", track.id),
            href=f"{self.api_url}/tracks/{track.id}",
            id=track.id,
            is_local=False,
            is_playable=_playable(track.markets, market),
            name=track.name,
            preview_url=None,
            track_number=track.track_number,
            type="track",
            uri=f"spotify:track:{track.id}",
        )

    def track(
        self, track: words.Track, *, market: str | None = None, in_playlist: bool = False
    ) -> wire.Track:
        """A whole track, with the two marks that tell tracks from episodes when it stands in a playlist."""
        album = self.catalogue.album(track.album_id)
        if album is None:
            raise LookupError(
                f"track {track.id} of the catalogue stands on an unknown album {track.album_id}"
            )
        return wire.Track(
            album=self.album_ref(album, market=market),
            artists=self._artist_refs(track.artist_ids),
            available_markets=self._markets(track.markets),
            disc_number=track.disc_number,
            duration_ms=track.duration_ms,
            episode=False if in_playlist else UNSET,
            explicit=track.explicit,
            external_ids={"isrc": track.isrc} if track.isrc else {},
            external_urls=_open("track", track.id),
            href=f"{self.api_url}/tracks/{track.id}",
            id=track.id,
            is_local=False,
            is_playable=_playable(track.markets, market),
            name=track.name,
            popularity=self._number(track.popularity),
            preview_url=None,
            track=True if in_playlist else UNSET,
            track_number=track.track_number,
            type="track",
            uri=f"spotify:track:{track.id}",
        )

    def features(self, features: words.Features) -> wire.AudioFeatures:
        """Audio features of a track."""
        track_id = features.track_id
        return wire.AudioFeatures(
            danceability=features.danceability,
            energy=features.energy,
            key=features.key,
            loudness=features.loudness,
            mode=features.mode,
            speechiness=features.speechiness,
            acousticness=features.acousticness,
            instrumentalness=features.instrumentalness,
            liveness=features.liveness,
            valence=features.valence,
            tempo=features.tempo,
            id=track_id,
            uri=f"spotify:track:{track_id}",
            track_href=f"{self.api_url}/tracks/{track_id}",
            analysis_url=f"{self.api_url}/audio-analysis/{track_id}",
            duration_ms=features.duration_ms,
            time_signature=features.time_signature,
        )

    def images(self, entity_id: str, sizes: Iterable[int | None]) -> list[wire.Image]:
        """Pictures, drawn by this server; a playlist's has no size."""
        return [
            wire.Image(url=f"{self._origin}/image/{entity_id}/{size or 640}", height=size, width=size)
            for size in sizes
        ]

    def _artist_refs(self, artist_ids: Sequence[str]) -> list[wire.ArtistRef]:
        found = (self.catalogue.artist(artist_id) for artist_id in artist_ids)
        return [
            wire.ArtistRef(
                external_urls=_open("artist", artist.id),
                href=f"{self.api_url}/artists/{artist.id}",
                id=artist.id,
                name=artist.name,
                type="artist",
                uri=f"spotify:artist:{artist.id}",
            )
            for artist in found
            if artist
        ]

    def _number(self, value: int | None) -> int | UnsetType:
        return value if self._full and value is not None else UNSET

    def _markets(self, markets: Sequence[str]) -> Sequence[str] | UnsetType:
        return markets if self._full else UNSET


def _open(kind: str, entity_id: str) -> dict[str, str]:
    return {"spotify": f"{OPEN_URL}/{kind}/{entity_id}"}


def _playable(markets: Sequence[str], market: str | None) -> bool | UnsetType:
    """Told only to those who name a market; an album or track without markets is playable everywhere."""
    if market is None:
        return UNSET
    return not markets or market in markets


def _copyrights(album: words.Album) -> list[dict[str, str]]:
    if not album.label:
        return []
    text = f"{album.release_date[:4]} {album.label}"
    return [{"text": f"© {text}", "type": "C"}, {"text": f"℗ {text}", "type": "P"}]
