"""A page of the Spotify Web API to rows. Never raises: what cannot be read is rejected by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rejected, Rows
from tunelake.sources.spotify import columns, wire
from tunelake.sources.spotify.drift import shapes
from tunelake.sources.spotify.gather import Gathered
from tunelake.sources.spotify.plays import listens
from tunelake.sources.spotify.salvage import salvage

OK = 200
ERASED = 204  # what a redacted answer has in the place of its status
MAX_REASON = 300


def read_rows(page: Page) -> Rows:
    """Turn one answer into rows.

    Args:
        page: As received; its endpoint says what it holds, its path and parameters whose it is.

    Returns:
        The rows; with an answer other than 200, an unknown endpoint or a body that is no JSON,
        none, and one rejection that says why.
    """
    if not page.body and page.status == ERASED:
        return Rows()
    if page.status != OK:
        return _nothing(f"status {page.status}: {_message(page.body)}")
    shape = _SHAPES.get(page.endpoint)
    if shape is None:
        return _nothing(f"no table takes what the endpoint {page.endpoint!r} answers")
    decoder, read = shape
    gathered = Gathered(Rows(tables={}, empty_sets={}, rejected=[]))
    try:
        answer = _decoded(decoder, page.body, gathered.rows)
    except (ValueError, RecursionError) as error:
        return _nothing(f"not JSON that can be read: {error}")
    gathered.rows.look = partial(shapes, page.endpoint, page.body)
    if answer is None:
        return gathered.rows
    read(gathered, answer, page)
    return gathered.finish()


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes, rows: Rows) -> Any:  # noqa: ANN401  any shape
    """The answer, without what does not fit; None when it does not fit as a whole."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        answer, rejected = salvage(body, decoder.type)
        rows.rejected.extend(rejected)
        return answer


def _nothing(reason: str) -> Rows:
    rejected = [Rejected(where="$", reason=reason[:MAX_REASON])]
    return Rows(tables={}, empty_sets={}, rejected=rejected)


def _message(body: bytes) -> str:
    try:
        error = msgspec.json.decode(body, type=dict[str, dict[str, Any]])["error"]
        return str(error.get("message") or error)
    except (ValueError, RecursionError, KeyError):
        return body[:MAX_REASON].decode(errors="replace") or "an empty body"


def _owner(page: Page) -> str:
    """The id in a path such as /artists/{id}/albums."""
    parts = page.path.split("/")
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004  "", kind, id


def _lists(gathered: Gathered, answer: wire.Lists, _: Page) -> None:
    if answer.artists and answer.artists.items:
        gathered.artists(answer.artists.items, "$.artists.items")
    if answer.albums and answer.albums.items:
        gathered.albums(answer.albums.items, "$.albums.items")
    if answer.tracks and answer.tracks.items:
        gathered.tracks(answer.tracks.items, "$.tracks.items")
    if answer.playlists and answer.playlists.items:
        gathered.playlists(answer.playlists.items, "$.playlists.items")
    for kind in ("shows", "episodes", "audiobooks"):
        if (others := getattr(answer, kind)) and others.items:
            gathered.reject(f"$.{kind}", f"{len(others.items)} {kind}: no table takes them")
    if not (answer.artists or answer.albums or answer.tracks or answer.playlists):
        gathered.reject("$", "none of artists, albums, tracks, playlists is there")


def _artists(gathered: Gathered, answer: wire.ArtistList, _: Page) -> None:
    gathered.artists(_listed(gathered, answer.artists, "artists"), "$.artists")


def _related(gathered: Gathered, answer: wire.ArtistList, page: Page) -> None:
    ids = gathered.artists(_listed(gathered, answer.artists, "artists"), "$.artists")
    owner = {"artist_id": _owner(page)}
    gathered.rows.tables["related_artists"] = columns.ranked(owner, "other_artist_id", ids)
    if answer.artists == []:
        gathered.rows.empty_sets["related_artists"] = [(_owner(page),)]


def _albums(gathered: Gathered, answer: wire.AlbumList, _: Page) -> None:
    gathered.albums(_listed(gathered, answer.albums, "albums"), "$.albums")


def _tracks(gathered: Gathered, answer: wire.TrackList, _: Page) -> None:
    gathered.tracks(_listed(gathered, answer.tracks, "tracks"), "$.tracks")


def _top_tracks(gathered: Gathered, answer: wire.TrackList, page: Page) -> None:
    ids = gathered.tracks(_listed(gathered, answer.tracks, "tracks"), "$.tracks")
    given = dict(page.params)
    owner = {"artist_id": _owner(page), "market": given.get("market") or given.get("country") or ""}
    gathered.rows.tables["top_tracks"] = columns.ranked(owner, "track_id", ids)
    if answer.tracks == []:
        gathered.rows.empty_sets["top_tracks"] = [tuple(owner.values())]


def _features(gathered: Gathered, answer: wire.FeaturesAnswer, _: Page) -> None:
    if answer.audio_features is msgspec.UNSET:
        gathered.features([answer], "$")
    else:
        gathered.features(answer.audio_features or [], "$.audio_features")


def _one_artist(gathered: Gathered, answer: wire.Artist, _: Page) -> None:
    gathered.artists([answer], "$")


def _one_album(gathered: Gathered, answer: wire.Album, _: Page) -> None:
    gathered.albums([answer], "$")


def _one_track(gathered: Gathered, answer: wire.Track, _: Page) -> None:
    gathered.tracks([answer], "$")


def _page_of_artists(gathered: Gathered, answer: wire.Paged[wire.Artist], _: Page) -> None:
    gathered.artists(_listed(gathered, answer.items, "items"), "$.items")


def _page_of_albums(gathered: Gathered, answer: wire.Paged[wire.Album], _: Page) -> None:
    gathered.albums(_listed(gathered, answer.items, "items"), "$.items")


def _page_of_tracks(gathered: Gathered, answer: wire.Paged[wire.Track], _: Page) -> None:
    gathered.tracks(_listed(gathered, answer.items, "items"), "$.items")


def _album_tracks(gathered: Gathered, answer: wire.Paged[wire.Track], page: Page) -> None:
    gathered.album_tracks(wire.Album(id=_owner(page)), _listed(gathered, answer.items, "items"), "$.items")


def _plays(gathered: Gathered, answer: wire.Paged[wire.Play], page: Page) -> None:
    plays = _listed(gathered, answer.items, "items")
    if heard := listens(plays, page):
        gathered.rows.tables["listens"] = heard
    gathered.tracks([play.track or None for play in plays if play], "$.items")


def _playlist(gathered: Gathered, answer: wire.Playlist, _: Page) -> None:
    gathered.playlists([answer], "$")
    page = answer.items or answer.tracks
    if answer.id and page and page.items is not msgspec.UNSET:
        gathered.playlist_items(answer.id, page, "$.items")


def _playlist_items(gathered: Gathered, answer: wire.Paged[wire.Entry], page: Page) -> None:
    _listed(gathered, answer.items, "items")
    gathered.playlist_items(_owner(page), answer, "$.items")


def _alias(gathered: Gathered, answer: wire.Alias, _: Page) -> None:
    gathered.rows.tables["artist_aliases"] = {
        name: [getattr(answer, name)] for name in wire.Alias.__struct_fields__
    }


def _listed(gathered: Gathered, items: Any, name: str) -> list[Any]:  # noqa: ANN401  a list, null or UNSET
    if items is msgspec.UNSET:
        gathered.reject("$", f"the list {name!r} is not there")
    return items or []


_Shape = tuple[msgspec.json.Decoder[Any], Callable[[Gathered, Any, Page], None]]


def _shape(type_: Any, read: Callable[[Gathered, Any, Page], None]) -> _Shape:  # noqa: ANN401  a type form
    return msgspec.json.Decoder(type_), read


_SHAPES: dict[str, _Shape] = {
    "search": _shape(wire.Lists, _lists),
    "search_tracks": _shape(wire.Lists, _lists),
    "artist": _shape(wire.Artist, _one_artist),
    "artists": _shape(wire.ArtistList, _artists),
    "artist_albums": _shape(wire.Paged[wire.Album], _page_of_albums),
    "album": _shape(wire.Album, _one_album),
    "albums": _shape(wire.AlbumList, _albums),
    "album_tracks": _shape(wire.Paged[wire.Track], _album_tracks),
    "track": _shape(wire.Track, _one_track),
    "tracks": _shape(wire.TrackList, _tracks),
    "top_tracks": _shape(wire.TrackList, _top_tracks),
    "related_artists": _shape(wire.ArtistList, _related),
    "audio_features": _shape(wire.FeaturesAnswer, _features),
    "new_releases": _shape(wire.Lists, _lists),
    "featured_playlists": _shape(wire.Lists, _lists),
    "playlist": _shape(wire.Playlist, _playlist),
    "playlist_items": _shape(wire.Paged[wire.Entry], _playlist_items),
    "my_followed_artists": _shape(wire.Lists, _lists),
    "my_top_artists": _shape(wire.Paged[wire.Artist], _page_of_artists),
    "my_top_tracks": _shape(wire.Paged[wire.Track], _page_of_tracks),
    "my_recent_plays": _shape(wire.Paged[wire.Play], _plays),
    "alias": _shape(wire.Alias, _alias),
}
