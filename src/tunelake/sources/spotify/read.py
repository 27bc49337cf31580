"""The gist of an answer: the little that decides what to ask next. Pure.

Typed and lean, so that the decoder skips everything else: a page is decoded whole only once, when it lands
in the tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from tunelake.sources.gist import Gist, Hit, Misshapen, Part
from tunelake.sources.request import Request
from tunelake.sources.spotify.salvage import read_as


class _Thing(msgspec.Struct):
    id: str | None = None
    uri: str | None = None


class _Credit(msgspec.Struct):
    id: str | None = None
    name: str | None = None


class _Track(_Thing):
    artists: list[_Credit | None] | None = None


class _Entry(msgspec.Struct):
    added_at: str | None = None
    item: _Track | None = None
    track: _Track | None = None


class _Things(msgspec.Struct):
    items: list[_Thing | None]
    offset: int | None = None
    total: int | None = None
    next: str | None = None


class _Entries(msgspec.Struct):
    items: list[_Entry | None]
    offset: int | None = None
    total: int | None = None
    next: str | None = None


class _AlbumTracks(msgspec.Struct):
    items: list[_Track | None]
    offset: int | None = None
    total: int | None = None
    next: str | None = None


class _Album(msgspec.Struct):
    id: str
    artists: list[_Credit | None] | None = None
    tracks: _AlbumTracks | None = None


class _Playlist(msgspec.Struct):
    id: str
    items: _Entries | None = None
    tracks: msgspec.Raw = msgspec.Raw()


class _Followers(msgspec.Struct):
    total: int | None = None


class _Told(msgspec.Struct, kw_only=True):
    """What else is told of an artist, as it stands there."""

    followers: msgspec.Raw = msgspec.Raw()
    genres: msgspec.Raw = msgspec.Raw()
    images: msgspec.Raw = msgspec.Raw()


class _Hit(_Told):
    id: str
    name: str
    popularity: int | None = None


class _Hits(msgspec.Struct):
    items: list[_Hit | None]


class _Search(msgspec.Struct):
    artists: _Hits


class _Artist(_Told):
    id: str | None = None
    name: str = ""
    popularity: int | None = None


class _Artists(msgspec.Struct):
    artists: list[_Artist | None]


class _Albums(msgspec.Struct):
    albums: list[_Album | None]


class _Tracks(msgspec.Struct):
    tracks: list[_Thing | None]


class _TrackSearch(msgspec.Struct):
    tracks: _Things


class _Features(msgspec.Struct):
    id: str | None = None
    audio_features: list[_Thing | None] | None = None


class _Error(msgspec.Struct):
    message: str = ""
    reason: str = ""


class _Refusal(msgspec.Struct):
    error: _Error | str = ""
    error_description: str = ""


def read_gist(request: Request, body: bytes) -> Gist:
    """Read the gist of a body.

    Raises:
        msgspec.DecodeError: It is not JSON.
        Misshapen: It is JSON of another shape.
    """
    type_, read = _READERS.get(request.endpoint, (_Thing, _one))
    return read(read_as(body, type_))


def each_album(body: bytes) -> list[Gist | None]:
    """The gist of every album in an answer of `/albums?ids`, None for a null."""
    return [_album(album) if album else None for album in read_as(body, _Albums).albums]


def refusal(body: bytes) -> tuple[str, str]:
    """Message and reason code of an error body; both empty when it has none."""
    try:
        answer = msgspec.json.decode(body, type=_Refusal)
    except (ValueError, RecursionError):
        return "", ""
    if isinstance(answer.error, str):
        return answer.error_description or answer.error, answer.error
    return answer.error.message, answer.error.reason


def _ids(things: Sequence[_Thing | None] | None) -> tuple[str | None, ...]:
    return tuple(thing.id if thing else None for thing in things or ())


def _part(page: _Things | _AlbumTracks) -> Part:
    return Part(keys=_ids(page.items), offset=page.offset or 0, total=page.total, next=page.next)


def _entries(page: _Entries) -> Part:
    keys = tuple(_place(entry) if entry else None for entry in page.items)
    return Part(keys=keys, offset=page.offset or 0, total=page.total, next=page.next)


def _place(entry: _Entry) -> str:
    thing = entry.item or entry.track or _Track()
    return f"{thing.id or thing.uri} {entry.added_at}"


def _credited(credits_: Iterable[list[_Credit | None] | None]) -> tuple[Hit, ...]:
    """Everybody who is credited, once; only the name is told of them."""
    named = {one.id: one.name or "" for of_one in credits_ for one in of_one or () if one and one.id}
    return tuple(Hit(one, name) for one, name in named.items())


def _album(album: _Album) -> Gist:
    tracks = (album.tracks.items if album.tracks else None) or []
    hits = _credited([album.artists, *(track.artists for track in tracks if track)])
    return Gist(ids=(album.id,), hits=hits, part=_part(album.tracks) if album.tracks else None)


def _on_page(page: _Entries) -> tuple[Hit, ...]:
    tracks = [entry.item or entry.track for entry in page.items if entry]
    return _credited(track.artists for track in tracks if track)


def _playlist(answer: _Playlist) -> Gist:
    page = answer.items
    if page is None and bytes(answer.tracks) not in {b"", b"null"}:
        page = read_as(bytes(answer.tracks), _Entries)
    if page is None:
        return Gist(ids=(answer.id,))
    return Gist(ids=(answer.id,), hits=_on_page(page), part=_entries(page))


def _one(answer: _Thing) -> Gist:
    if not answer.id:
        raise Misshapen("an object without id")
    return Gist(ids=(answer.id,))


def _artist(answer: _Artist) -> Gist:
    if not answer.id:
        raise Misshapen("an artist without id")
    return Gist(ids=(answer.id,), hits=(_hit(answer),))


def _hit(one: _Artist | _Hit) -> Hit:
    digest = hashlib.blake2b(f"{one.name}\x1f{one.popularity}".encode(), digest_size=8)
    for part in (one.followers, one.genres, one.images):
        digest.update(part)
    return Hit(one.id or "", one.name, one.popularity, digest.hexdigest())


def _artists(answer: _Artists) -> Gist:
    kept = [one for one in answer.artists if one and one.id]
    return Gist(
        ids=tuple(one.id if one else None for one in answer.artists),
        hits=tuple(map(_hit, kept)),
    )


def _features(answer: _Features) -> Gist:
    if answer.audio_features is None and not answer.id:
        raise Misshapen("neither audio features nor a list of them")
    return Gist(ids=_ids(answer.audio_features) if answer.audio_features is not None else (answer.id,))


def _search(answer: _Search) -> Gist:
    found = [one for one in answer.artists.items if one and one.id]
    return Gist(hits=tuple(msgspec.structs.replace(_hit(one), about=_about(one)) for one in found))


def _about(one: _Hit) -> str:
    """What tells an artist from another of its name; development mode tells less, or nothing."""
    try:
        genres = msgspec.json.decode(one.genres, type=list[str] | None) if one.genres else None
        followers = msgspec.json.decode(one.followers, type=_Followers | None) if one.followers else None
    except msgspec.DecodeError:
        return ""
    told = [", ".join((genres or [])[:2])]
    if followers and followers.total is not None:
        told.append(f"{followers.total:,} followers")
    return "; ".join(filter(None, told))


_READERS: dict[str, tuple[type, Callable[[Any], Gist]]] = {
    "search": (_Search, _search),
    "search_tracks": (_TrackSearch, lambda answer: Gist(ids=_ids(answer.tracks.items))),
    "artist": (_Artist, _artist),
    "artists": (_Artists, _artists),
    "related_artists": (_Artists, _artists),
    "albums": (_Albums, lambda answer: Gist(ids=tuple(one.id if one else None for one in answer.albums))),
    "tracks": (_Tracks, lambda answer: Gist(ids=_ids(answer.tracks))),
    "top_tracks": (_Tracks, lambda answer: Gist(ids=_ids(answer.tracks))),
    "album": (_Album, _album),
    "audio_features": (_Features, _features),
    "artist_albums": (_Things, lambda answer: Gist(part=_part(answer))),
    "album_tracks": (_Things, lambda answer: Gist(part=_part(answer))),
    "playlist_items": (_Entries, lambda answer: Gist(hits=_on_page(answer), part=_entries(answer))),
    "playlist": (_Playlist, _playlist),
}
