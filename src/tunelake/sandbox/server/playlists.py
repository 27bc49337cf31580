"""Playlists and their items, in the shapes of before and after March 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import UNSET

from tunelake.sandbox.catalogue import Playlist
from tunelake.sandbox.server import wire
from tunelake.sandbox.server.calls import Call, kept
from tunelake.sandbox.server.params import Span, market
from tunelake.sandbox.server.refusals import forbidden, not_found

# What the real API says of playlists that keep no dates.
NEVER_TOLD = "1970-01-01T00:00:00Z"
FIRST_ADDED = datetime(2024, 1, 1, tzinfo=UTC)
ONE_STEP = timedelta(hours=1)


def playlist(call: Call) -> object:
    """GET /playlists/{id}.

    An extended application gets the items under their old and their new name; one in development mode
    gets the new name only, and of other people's playlists no items at all.
    """
    one = _known(call)
    part = Span(0, 100 if call.extended else 50)
    old = _entries(call, one, part, "tracks") if call.extended else UNSET
    new = _entries(call, one, part, "items") if _may_read(call, one) else UNSET
    owner_url, owner_href, owner_uri = _user_links(call, one.owner_id)
    return wire.Playlist(
        collaborative=False,
        description=one.description,
        external_urls={"spotify": f"https://open.spotify.com/playlist/{one.id}"},
        followers={"href": None, "total": 0},
        href=f"{call.render.api_url}/playlists/{one.id}",
        id=one.id,
        images=call.render.images(one.id, [None]),
        name=one.name,
        owner=wire.Owner(
            display_name=one.owner_id,
            external_urls=owner_url,
            href=owner_href,
            id=one.owner_id,
            type="user",
            uri=owner_uri,
        ),
        public=one.public,
        snapshot_id=one.snapshot_id,
        tracks=old,
        items=new,
        type="playlist",
        uri=f"spotify:playlist:{one.id}",
    )


def playlist_items(call: Call) -> object:
    """GET /playlists/{id}/items: an extended application finds each item under `track` too."""
    one = _known(call)
    if not _may_read(call, one):
        raise forbidden()
    part = call.span(default=20, maximum=50)
    return _entries(call, one, part, "items")


def playlist_tracks(call: Call) -> object:
    """GET /playlists/{id}/tracks: as before March 2026."""
    one = _known(call)
    return _entries(call, one, call.span(default=100, maximum=100), "tracks", only_old=True)


def _known(call: Call) -> Playlist:
    one = call.catalogue.playlist(call.id)
    if one is None:
        raise not_found()
    return one


def _may_read(call: Call, one: Playlist) -> bool:
    return call.extended or call.user == one.owner_id


def _entries(call: Call, one: Playlist, part: Span, name: str, *, only_old: bool = False) -> wire.Page:
    where = market(call.params)
    entry = _entry_maker(call, one, where, only_old=only_old)
    ids = one.track_ids[part.start : part.start + part.limit]
    items = [entry(position, track_id) for position, track_id in enumerate(ids, part.start)]
    path = f"/playlists/{one.id}/{name}"
    return call.page(items, len(one.track_ids), part, of=path, **kept(market=where))


def _entry_maker(
    call: Call, one: Playlist, where: str | None, *, only_old: bool
) -> Callable[[int, str | None], wire.PlaylistEntry]:
    url, href, uri = _user_links(call, one.owner_id)
    added_by = wire.Link(external_urls=url, href=href, id=one.owner_id, type="user", uri=uri)
    # A person's own catalogue does not say when; inventing it is right only for an invented world.
    invented = call.catalogue.about.rights == "all"

    def entry(position: int, track_id: str | None) -> wire.PlaylistEntry:
        track = call.catalogue.track(track_id) if track_id else None
        item = call.render.track(track, market=where, in_playlist=True) if track else None
        added = FIRST_ADDED + position * ONE_STEP
        return wire.PlaylistEntry(
            added_at=added.strftime("%Y-%m-%dT%H:%M:%SZ") if invented else NEVER_TOLD,
            added_by=added_by,
            is_local=False,
            track=item if call.extended else UNSET,
            item=UNSET if only_old else item,
            video_thumbnail={"url": None},
        )

    return entry


def _user_links(call: Call, user: str) -> tuple[dict[str, str], str, str]:
    """The page, the address and the URI of a user."""
    page = {"spotify": f"https://open.spotify.com/user/{user}"}
    return page, f"{call.render.api_url}/users/{user}", f"spotify:user:{user}"
