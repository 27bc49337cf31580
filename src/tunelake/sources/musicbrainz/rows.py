"""A page of the MusicBrainz web service to rows. Never raises: what cannot be read is rejected by name.

Core data are CC0; tags and genres are CC BY-NC-SA and keep the rights of their own, though one answer
holds both.
"""

from __future__ import annotations

from typing import Any

from tunelake.domain.pages import Page
from tunelake.domain.rows import Rejected, Rows
from tunelake.sources.musicbrainz import columns, endpoints, wire
from tunelake.sources.musicbrainz.fields import MUSICBRAINZ
from tunelake.sources.pages import Shapes, read_page

SOURCE = "musicbrainz"
CORE = "cc0"
VOTED = "musicbrainz-nc"
VOTED_TABLES = frozenset({"artist_tags", "artist_genres"})


def read_rows(page: Page) -> Rows:
    """Turn one answer into rows; see `sources.pages.read_page`."""
    rows = read_page(page, _SHAPES, MUSICBRAINZ)
    told = {*rows.tables, *rows.empty_sets}
    rows.rights = {table: VOTED if table in VOTED_TABLES else CORE for table in told}
    return rows


def rights_of(endpoint: str) -> str:
    """Rights of a whole answer: the strictest of what is in it."""
    return VOTED if endpoint in {"mb_search", "mb_artist"} else CORE


def _search(rows: Rows, answer: wire.ArtistHits, _: Page) -> None:
    """A hit is an artist with fewer facts: its tags and other names may be cut, so no set is taken of it."""
    rows.tables["artists"] = columns.artists(_kept(rows, answer.artists, "artists"))


def _artist(rows: Rows, answer: wire.Artist, page: Page) -> None:
    artists = _kept(rows, [answer], "")
    # Earlier pages were not asked for relations: those without any say nothing of them.
    related = endpoints.RELATED in dict(page.params).get("inc", "")
    for one in artists:
        rows.tables["artists"] = columns.with_related(one)
        mbid = one.id or ""
        rows.tables["artist_aliases"] = columns.aliases(one)
        for table, made in (
            ("artist_urls", columns.urls(one)),
            ("artist_relations", columns.relations(one) if related else None),
            ("artist_tags", columns.tags(one)),
            ("artist_genres", columns.genres(one)),
        ):
            if made is not None:
                rows.tables[table] = made
                if not made["artist_id"]:
                    rows.empty_sets[table] = [(mbid,)]


def _release_groups(rows: Rows, answer: wire.ReleaseGroups, _: Page) -> None:
    groups = _kept(rows, answer.release_groups, "release-groups")
    rows.tables["albums"] = columns.albums(groups)
    rows.tables["album_artists"] = columns.credits_of("album_id", groups)
    rows.tables["artists"] = columns.mentions(groups)


def _releases(rows: Rows, answer: wire.Releases, _: Page) -> None:
    """Issues, and the albums they are of."""
    releases = _kept(rows, answer.releases, "releases")
    rows.tables["releases"] = columns.releases(releases)
    groups = columns.albums_of(releases)
    rows.tables["albums"] = columns.albums(groups)
    rows.tables["album_artists"] = columns.credits_of("album_id", groups)
    rows.tables["artists"] = columns.mentions([*releases, *groups])


def _recordings(rows: Rows, answer: wire.Recordings, _: Page) -> None:
    recordings = _kept(rows, answer.recordings, "recordings")
    rows.tables["tracks"] = columns.tracks(recordings)
    rows.tables["track_artists"] = columns.credits_of("track_id", recordings)
    rows.tables["track_isrcs"] = columns.isrcs(recordings)
    without = [(one.id,) for one in recordings if one.isrcs == []]
    if without:
        rows.empty_sets["track_isrcs"] = without
    rows.tables["artists"] = columns.mentions(recordings)


def _url(rows: Rows, answer: wire.UrlAnswer, _: Page) -> None:
    """Whose page it is; no set of links, which only the artist's own answer holds whole."""
    linked = [one.artist for one in answer.relations or () if one.artist]
    rows.tables["artists"] = columns.artists(_kept(rows, linked, "relations"))


def _kept(rows: Rows, objects: Any, where: str) -> list[Any]:  # noqa: ANN401  any object with an id
    kept = []
    for index, one in enumerate(objects):
        if one is not None and one.id:
            kept.append(one)
        elif one is not None:
            rows.rejected.append(Rejected(where=f"$.{where}[{index}]" if where else "$", reason="no id"))
    return kept


_SHAPES: Shapes = {
    "mb_search": (wire.ArtistHits, _search),
    "mb_artist": (wire.Artist, _artist),
    "mb_release_groups": (wire.ReleaseGroups, _release_groups),
    "mb_releases": (wire.Releases, _releases),
    "mb_recordings": (wire.Recordings, _recordings),
    "mb_url": (wire.UrlAnswer, _url),
}
