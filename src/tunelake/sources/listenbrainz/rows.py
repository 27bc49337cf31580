"""A page of the ListenBrainz API to rows. Never raises: what cannot be read is rejected by name.

Ids are MBIDs, in the name space "listenbrainz", so that its rankings stand beside those of other sources.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import UNSET

from tunelake.domain.pages import Page
from tunelake.domain.rows import Columns, Rows
from tunelake.sources.listenbrainz import wire
from tunelake.sources.listenbrainz.fields import LISTENBRAINZ
from tunelake.sources.pages import Shapes, read_page
from tunelake.sources.spotify.columns import ranked

SOURCE = "listenbrainz"
RIGHTS = "cc0"
WORLD = ""
"""The market of a ranking over the listeners of all countries."""


def read_rows(page: Page) -> Rows:
    """Turn one answer into rows; see `sources.pages.read_page`."""
    return read_page(page, _SHAPES, LISTENBRAINZ)


def _owner(page: Page) -> str:
    return page.path.rpartition("/")[2]


def _counts(rows: Rows, answer: list[wire.ArtistCount | None], _: Page) -> None:
    kept = [one for one in answer if one and one.artist_mbid and isinstance(one.total_listen_count, int)]
    rows.tables["listen_counts"] = {
        "kind": ["artist"] * len(kept),
        "id": [one.artist_mbid for one in kept],
        "listens": [one.total_listen_count for one in kept],
        "listeners": [one.total_user_count for one in kept],
    }


def _top(rows: Rows, answer: list[wire.Recording | None], page: Page) -> None:
    recordings = [one for one in answer if one and one.recording_mbid]
    ids = [one.recording_mbid for one in recordings]
    rows.tables["tracks"] = {
        "track_id": ids,
        "name": [one.recording_name for one in recordings],
        "duration_ms": [one.length for one in recordings],
    }
    rows.tables["listen_counts"] = {
        "kind": ["track"] * len(ids),
        "id": ids,
        "listens": [one.total_listen_count for one in recordings],
        "listeners": [one.total_user_count for one in recordings],
    }
    rows.tables["track_artists"] = _credits(recordings)
    rows.tables["artists"] = _mentions(recordings)
    owner = {"artist_id": _owner(page), "market": WORLD}
    rows.tables["top_tracks"] = ranked(owner, "track_id", ids)
    if not answer:
        rows.empty_sets["top_tracks"] = [tuple(owner.values())]


def _similar(rows: Rows, answer: dict[str, list[wire.Near]], page: Page) -> None:
    owner = _owner(page)
    near = {mbid: ones[0].similar_artist_name for mbid, ones in answer.items() if ones and mbid != owner}
    rows.tables["related_artists"] = ranked({"artist_id": owner}, "other_artist_id", near)
    rows.tables["artists"] = {"artist_id": list(near), "name": [name or UNSET for name in near.values()]}
    if not near:
        rows.empty_sets["related_artists"] = [(owner,)]


def _listens(rows: Rows, answer: wire.Listens, page: Page) -> None:
    """What a user listened to; one without an id is known by the id of its names."""
    user = dict(page.params).get("user")
    told = [one for one in answer.payload.listens if one and one.track_metadata]
    kept = [(one, one.track_metadata or wire.Played()) for one in told]
    ids = [_recording_of(one, played) for one, played in kept]
    some = [(one, played, id_) for (one, played), id_ in zip(kept, ids, strict=True) if id_ and user]
    rows.tables["listens"] = {
        "user_id": [user] * len(some),
        "played_at": [datetime.fromtimestamp(one.listened_at, UTC) for one, _, _ in some],
        "track_id": [id_ for _, _, id_ in some],
        "kind": ["track"] * len(some),
        "track_name": [played.track_name for _, played, _ in some],
        "artist_name": [played.artist_name for _, played, _ in some],
        "album_name": [played.release_name for _, played, _ in some],
        "method": ["listenbrainz"] * len(some),
    }


def _recording_of(one: wire.Listen, played: wire.Played) -> str | None:
    told = played.additional_info or wire.Info()
    mapped = played.mbid_mapping or wire.Mapping()
    # What the listener's program says of itself comes before what the service makes of the names.
    named = f"msid:{one.recording_msid}" if one.recording_msid else None
    return told.recording_mbid or mapped.recording_mbid or named


def _credits(recordings: list[wire.Recording]) -> Columns:
    pairs = {
        (one.recording_mbid, mbid): place
        for one in recordings
        for place, mbid in reversed(list(enumerate(one.artist_mbids)))
    }
    return {
        "track_id": [track for track, _ in pairs],
        "artist_id": [artist for _, artist in pairs],
        "position": list(pairs.values()),
    }


def _mentions(recordings: list[wire.Recording]) -> Columns:
    named = {a.artist_mbid: a.artist_credit_name for one in recordings for a in one.artists if a.artist_mbid}
    return {"artist_id": list(named), "name": [name or UNSET for name in named.values()]}


_SHAPES: Shapes = {
    "lb_artist_counts": (list[wire.ArtistCount | None], _counts),
    "lb_top_recordings": (list[wire.Recording | None], _top),
    "lb_similar": (dict[str, list[wire.Near]], _similar),
    "lb_listens": (wire.Listens, _listens),
}
