"""Objects to columns, a table at a time: list comprehensions over whole pages, no call per field.

UNSET is falsy, so `t.album and ...` reads "has an album object". A value of UNSET stays UNSET.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

from msgspec import UNSET

from tunelake.domain.rows import Columns
from tunelake.sources.spotify import wire

Pairs = list[tuple[str, str, int]]


def mentions(artists: Sequence[wire.Artist]) -> Columns:
    """Artists as other objects mention them: a name and a link."""
    return {
        "artist_id": [a.id for a in artists],
        "name": [a.name for a in artists],
        "url": [a.external_urls.spotify if a.external_urls else UNSET for a in artists],
    }


def whole_artists(artists: Sequence[wire.Artist]) -> Columns:
    """Artists with all that the API tells of them."""
    return mentions(artists) | {
        "popularity": [a.popularity for a in artists],
        "followers": [a.followers.total if a.followers else a.followers for a in artists],
        "image_url": [_image(a.images) for a in artists],
    }


def artist_genres(artists: Iterable[wire.Artist]) -> Columns:
    """All genres of each artist, in the order given, none twice."""
    rows = [(a.id, g, i) for a in artists if a.genres for i, g in enumerate(dict.fromkeys(a.genres))]
    return _transposed(rows, ("artist_id", "genre", "position"))


def albums(albums: Sequence[wire.Album]) -> Columns:
    """Albums; one with its own `external_ids` is whole, the others are mentions."""
    columns: Columns = {
        "album_id": [a.id for a in albums],
        "name": [a.name for a in albums],
        # Both "SINGLE" and "single" were served.
        "album_type": [a.album_type.lower() if a.album_type else a.album_type for a in albums],
        "release_date": [a.release_date for a in albums],
        "release_date_precision": [a.release_date_precision for a in albums],
        "total_tracks": [a.total_tracks for a in albums],
        "url": [a.external_urls.spotify if a.external_urls else UNSET for a in albums],
        "image_url": [_image(a.images) for a in albums],
    }
    if any(a.external_ids is not UNSET or a.label is not UNSET for a in albums):
        columns["label"] = [a.label for a in albums]
        columns["popularity"] = [a.popularity for a in albums]
        columns["upc"] = [a.external_ids.upc if a.external_ids else UNSET for a in albums]
    return columns


def tracks(tracks: Sequence[wire.Track]) -> Columns:
    """Tracks; in those of an album, `album` has been set by the reader."""
    return {
        "track_id": [t.id for t in tracks],
        "name": [t.name for t in tracks],
        "album_id": [(t.album.id or UNSET) if t.album else UNSET for t in tracks],
        "disc_number": [t.disc_number for t in tracks],
        "track_number": [t.track_number for t in tracks],
        "duration_ms": [t.duration_ms for t in tracks],
        "explicit": [t.explicit for t in tracks],
        "isrc": [t.external_ids.isrc if t.external_ids else UNSET for t in tracks],
        "popularity": [t.popularity for t in tracks],
        "is_local": [t.is_local for t in tracks],
        "linked_from_id": [t.linked_from.id if t.linked_from else t.linked_from for t in tracks],
        "preview_url": [t.preview_url for t in tracks],
        "url": [t.external_urls.spotify if t.external_urls else UNSET for t in tracks],
    }


def credits_of(owner: str, objects: Sequence[wire.Track] | Sequence[wire.Album]) -> Columns:
    """Who made each track or album (`owner` names its id column), in the order given, none twice.

    Readers drop objects without id first.
    """
    made = [o for o in objects if o.artists]
    counts = [len(o.artists) for o in made]  # type: ignore[arg-type]  # those above have artists
    ids = [a.id for o in made for a in o.artists]  # type: ignore[union-attr]  # as above
    owners = list(chain.from_iterable(map(repeat, [o.id for o in made], counts)))
    positions = list(chain.from_iterable(map(range, counts)))
    together = [o for o, count in zip(made, counts, strict=True) if count > 1]
    if None in ids or any(len({a.id for a in o.artists}) < len(o.artists) for o in together):  # type: ignore[union-attr,arg-type]
        first: dict[tuple[str | None, str], int] = {}
        for owner_id, artist_id, position in zip(owners, ids, positions, strict=True):
            if artist_id:
                first.setdefault((owner_id, artist_id), position)
        owners, ids = [pair[0] for pair in first], [pair[1] for pair in first]
        positions = list(first.values())
    return {owner: owners, "artist_id": ids, "position": positions}


FEATURES = tuple(name for name in wire.Features.__struct_fields__ if name != "id")


def audio_features(features: Sequence[wire.Features]) -> Columns:
    """Audio features, a row a track."""
    columns: Columns = {"track_id": [f.id for f in features]}
    return columns | {name: [getattr(f, name) for f in features] for name in FEATURES}


def playlists(playlists: Sequence[wire.Playlist]) -> Columns:
    """Playlists without their items."""
    return {
        "playlist_id": [p.id for p in playlists],
        "name": [p.name for p in playlists],
        "description": [p.description for p in playlists],
        "owner_id": [p.owner.id if p.owner else p.owner for p in playlists],
        "owner_name": [p.owner.display_name if p.owner else p.owner for p in playlists],
        "public": [p.public for p in playlists],
        "collaborative": [p.collaborative for p in playlists],
        "followers": [p.followers.total if p.followers else p.followers for p in playlists],
        "total_items": [(q.total if (q := p.items or p.tracks) else UNSET) for p in playlists],
        "snapshot_id": [p.snapshot_id for p in playlists],
        "url": [p.external_urls.spotify if p.external_urls else UNSET for p in playlists],
    }


def playlist_items(playlist_id: str, offset: int, entries: Sequence[wire.Entry | None]) -> Columns:
    """The places of a playlist; a null one keeps its position."""
    places = [entry or wire.Entry() for entry in entries]
    items = [(place.item or place.track) or wire.Track() for place in places]
    return {
        "playlist_id": [playlist_id] * len(places),
        "position": list(range(offset, offset + len(places))),
        "track_id": [i.id if i.id and is_track(i) else None for i in items],
        "item_type": [i.type or None for i in items],
        "name": [None if i.name is UNSET else i.name for i in items],
        "added_at": [None if p.added_at is UNSET else p.added_at for p in places],
        "is_local": [bool(p.is_local) for p in places],
    }


def is_track(item: wire.Track) -> bool:
    """Whether what stands in a playlist is a track of the catalogue: no episode, no local file."""
    return item.type in {"track", None, UNSET} and item.is_local is not True


def ranked(fixed: dict[str, str], column: str, ids: Iterable[str | None]) -> Columns:
    """A ranking: the columns of its owner, the ids best first, ranks from 1."""
    kept = [one for one in dict.fromkeys(ids) if one]
    columns: Columns = {name: [value] * len(kept) for name, value in fixed.items()}
    return columns | {column: list(kept), "rank": list(range(1, len(kept) + 1))}


def _image(images: Any) -> Any:  # noqa: ANN401  a list, null or UNSET; null and UNSET stay
    if images:
        return images[0].url
    return None if images == [] else images


def _transposed(rows: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> Columns:
    if not rows:
        return {name: [] for name in names}
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
