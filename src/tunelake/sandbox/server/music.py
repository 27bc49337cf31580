"""Artists, albums, tracks, audio features, new releases, markets: a call to an object, or a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from tunelake.sandbox import catalogue as words
from tunelake.sandbox.server import wire
from tunelake.sandbox.server.calls import Call, cut, kept
from tunelake.sandbox.server.params import Span, groups, id_list, market
from tunelake.sandbox.server.refusals import not_found

DEFAULT_MARKET = "US"
TRACKS_IN_AN_ALBUM = 50
Entity = TypeVar("Entity")


def _known(entity: Entity | None) -> Entity:
    if entity is None:
        raise not_found()
    return entity


def artist(call: Call) -> object:
    """GET /artists/{id}."""
    return call.render.artist(_known(call.catalogue.artist(call.id)))


def artists(call: Call) -> object:
    """GET /artists?ids: null for an unknown id."""
    found = map(call.catalogue.artist, id_list(call.params, maximum=50))
    return {"artists": [call.render.artist(one) if one else None for one in found]}


def artist_albums(call: Call) -> object:
    """GET /artists/{id}/albums: up to 50 a page for an extended application, 10 in development mode."""
    artist_id = _known(call.catalogue.artist(call.id)).id
    part = call.span(default=20, maximum=50) if call.extended else call.span(default=5, maximum=10)
    wanted, where = groups(call.params), market(call.params)
    groups_by_id: dict[str, str] = {}
    for album_id, group in call.catalogue.albums_of(artist_id):
        if group in wanted and _sold_in(call, album_id, where):
            groups_by_id.setdefault(album_id, group)
    items = [
        call.render.album_ref(one, group=groups_by_id[one.id])
        for one in _present(map(call.catalogue.album, cut(list(groups_by_id), part)))
    ]
    include = call.params.get("include_groups") or "album,single,compilation,appears_on"
    return call.page(items, len(groups_by_id), part, include_groups=include, **kept(market=where))


def _sold_in(call: Call, album_id: str, where: str | None) -> bool:
    if where is None:
        return True
    one = call.catalogue.album(album_id)
    return one is not None and (not one.markets or where in one.markets)


def top_tracks(call: Call) -> object:
    """GET /artists/{id}/top-tracks."""
    artist_id = _known(call.catalogue.artist(call.id)).id
    where = market(call.params) or DEFAULT_MARKET
    found = map(call.catalogue.track, call.catalogue.top_tracks(artist_id, where))
    return {"tracks": [call.render.track(one, market=where) for one in _present(found)]}


def related_artists(call: Call) -> object:
    """GET /artists/{id}/related-artists."""
    artist_id = _known(call.catalogue.artist(call.id)).id
    found = map(call.catalogue.artist, call.catalogue.related(artist_id))
    return {"artists": [call.render.artist(one) for one in _present(found)]}


def album(call: Call) -> object:
    """GET /albums/{id}."""
    return _whole_album(call, _known(call.catalogue.album(call.id)))


def albums(call: Call) -> object:
    """GET /albums?ids: null for an unknown id."""
    found = map(call.catalogue.album, id_list(call.params, maximum=20))
    return {"albums": [_whole_album(call, one) if one else None for one in found]}


def _whole_album(call: Call, one: words.Album) -> wire.Album:
    return call.render.album(one, _tracks_of(call, one, Span(0, TRACKS_IN_AN_ALBUM)))


def _tracks_of(call: Call, one: words.Album, part: Span) -> wire.Page:
    where = market(call.params)
    found = _present(map(call.catalogue.track, cut(one.track_ids, part)))
    items = [call.render.track_ref(track, market=where) for track in found]
    return call.page(items, len(one.track_ids), part, of=f"/albums/{one.id}/tracks", **kept(market=where))


def album_tracks(call: Call) -> object:
    """GET /albums/{id}/tracks."""
    one = _known(call.catalogue.album(call.id))
    return _tracks_of(call, one, call.span(default=20, maximum=50))


def track(call: Call) -> object:
    """GET /tracks/{id}."""
    return call.render.track(_known(call.catalogue.track(call.id)), market=market(call.params))


def tracks(call: Call) -> object:
    """GET /tracks?ids: null for an unknown id."""
    where = market(call.params)
    found = map(call.catalogue.track, id_list(call.params, maximum=50))
    return {"tracks": [call.render.track(one, market=where) if one else None for one in found]}


def audio_features(call: Call) -> object:
    """GET /audio-features/{id}."""
    return call.render.features(_known(call.catalogue.features(call.id)))


def many_audio_features(call: Call) -> object:
    """GET /audio-features?ids: null for an unknown id."""
    found = map(call.catalogue.features, id_list(call.params, maximum=100))
    return {"audio_features": [call.render.features(one) if one else None for one in found]}


def new_releases(call: Call) -> object:
    """GET /browse/new-releases."""
    part = call.span(default=20, maximum=50)
    released = call.catalogue.new_releases()
    found = _present(map(call.catalogue.album, cut(released, part)))
    items = [call.render.album_ref(one) for one in found]
    return {"albums": call.page(items, len(released), part)}


def markets(call: Call) -> object:
    """GET /markets."""
    return {"markets": call.catalogue.markets()}


def _present(entities: Iterable[Entity | None]) -> list[Entity]:
    return [entity for entity in entities if entity is not None]
