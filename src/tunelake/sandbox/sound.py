"""Generated audio features: each genre has a place of its own, and its tracks lie around it."""

from __future__ import annotations

from functools import lru_cache

from tunelake.sandbox.catalogue import Features
from tunelake.sandbox.draw import Draw, key_of
from tunelake.sandbox.genres import root_of

# danceability, energy, loudness dB, speechiness, acousticness, instrumentalness, liveness, valence, tempo BPM
_CENTRES: dict[str, tuple[float, ...]] = {
    "pop": (0.66, 0.66, -6.0, 0.07, 0.22, 0.01, 0.17, 0.53, 118),
    "rock": (0.50, 0.75, -6.8, 0.05, 0.13, 0.07, 0.20, 0.50, 124),
    "metal": (0.42, 0.92, -5.2, 0.09, 0.02, 0.12, 0.23, 0.33, 130),
    "punk": (0.48, 0.88, -5.5, 0.07, 0.05, 0.05, 0.24, 0.57, 145),
    "hip hop": (0.75, 0.65, -6.6, 0.24, 0.16, 0.01, 0.20, 0.49, 112),
    "electronic": (0.68, 0.77, -6.9, 0.07, 0.08, 0.45, 0.18, 0.40, 125),
    "r&b": (0.67, 0.56, -7.8, 0.10, 0.30, 0.01, 0.16, 0.55, 105),
    "jazz": (0.52, 0.34, -13.5, 0.05, 0.72, 0.40, 0.17, 0.48, 110),
    "classical": (0.28, 0.16, -21.0, 0.04, 0.93, 0.75, 0.13, 0.20, 98),
    "folk": (0.52, 0.36, -11.3, 0.04, 0.71, 0.05, 0.15, 0.42, 112),
    "country": (0.58, 0.66, -6.7, 0.04, 0.27, 0.01, 0.18, 0.57, 122),
    "blues": (0.53, 0.48, -10.6, 0.05, 0.54, 0.09, 0.22, 0.60, 116),
    "reggae": (0.76, 0.56, -7.7, 0.12, 0.17, 0.04, 0.17, 0.72, 108),
    "latin": (0.71, 0.70, -6.0, 0.09, 0.26, 0.01, 0.20, 0.66, 116),
    "brazilian": (0.65, 0.59, -8.4, 0.08, 0.47, 0.03, 0.25, 0.66, 117),
    "african": (0.72, 0.67, -7.5, 0.09, 0.29, 0.06, 0.17, 0.68, 113),
    "k-pop": (0.68, 0.80, -4.2, 0.08, 0.13, 0.00, 0.19, 0.60, 121),
    "j-pop": (0.56, 0.82, -4.6, 0.06, 0.16, 0.02, 0.20, 0.58, 132),
    "c-pop": (0.54, 0.49, -8.4, 0.04, 0.52, 0.00, 0.15, 0.36, 114),
    "arabic": (0.61, 0.57, -8.0, 0.07, 0.55, 0.02, 0.20, 0.58, 108),
    "south asian": (0.60, 0.62, -7.9, 0.07, 0.49, 0.02, 0.18, 0.57, 111),
    "russian": (0.58, 0.69, -7.4, 0.06, 0.23, 0.04, 0.19, 0.49, 120),
    "greek": (0.55, 0.61, -7.6, 0.05, 0.47, 0.01, 0.24, 0.57, 110),
    "chanson": (0.53, 0.42, -10.1, 0.07, 0.62, 0.02, 0.18, 0.45, 113),
    "balkan": (0.60, 0.76, -6.5, 0.06, 0.27, 0.05, 0.23, 0.66, 123),
    "turkish": (0.59, 0.65, -7.7, 0.05, 0.36, 0.02, 0.17, 0.49, 115),
    "schlager": (0.62, 0.70, -6.6, 0.05, 0.24, 0.01, 0.21, 0.61, 123),
}
_SPREAD = (0.10, 0.11, 1.8, 0.03, 0.13, 0.06, 0.07, 0.14, 16.0)
_LEAF = 0.7  # how far a kind of genre lies from its root, an artist from the kind, a track from the artist
_ARTIST = 0.4
_TRACK = 0.6
_MAJOR = 0.62


@lru_cache(maxsize=8_192)
def _place_of(genre: str, artist_key: int) -> tuple[float, ...]:
    """Where an artist of a genre lies."""
    leaf, artist = Draw(key_of(genre)), Draw(artist_key, 11)
    return tuple(
        centre + spread * (_LEAF * leaf.normal() + _ARTIST * artist.normal())
        for centre, spread in zip(_CENTRES[root_of(genre)], _SPREAD, strict=True)
    )


def features_of(track_id: str, *, genre: str, artist_key: int, track_key: int, duration_ms: int) -> Features:
    """Features of a track, from its genre and the keys of its artist and itself."""
    draw = Draw(track_key, 12)
    values = [
        place + spread * _TRACK * draw.normal()
        for place, spread in zip(_place_of(genre, artist_key), _SPREAD, strict=True)
    ]
    share = [min(0.99, max(0.003, value)) for value in values]
    return Features(
        track_id=track_id,
        danceability=round(share[0], 3),
        energy=round(share[1], 3),
        key=draw.below(12),
        loudness=round(min(-0.5, max(-45.0, values[2])), 3),
        mode=int(draw.chance(_MAJOR)),
        speechiness=round(max(0.023, share[3]), 4),
        acousticness=round(share[4], 4),
        instrumentalness=round(0.0 if values[5] < 0 else share[5], 5),
        liveness=round(max(0.02, share[6]), 4),
        valence=round(share[7], 3),
        tempo=round(min(220.0, max(50.0, values[8])), 3),
        time_signature=3 if draw.chance(0.05) else 4,
        duration_ms=duration_ms,
    )
