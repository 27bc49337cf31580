"""Objects of MusicBrainz to columns, a table at a time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import UNSET

from tunelake.domain.rows import Columns
from tunelake.sources.musicbrainz import wire
from tunelake.sources.musicbrainz.ids import site_of

PAGES = "https://musicbrainz.org/artist/"
RELEASE_PAGES = "https://musicbrainz.org/release/"
_PRECISION = {4: "year", 7: "month", 10: "day"}
_YEAR = 4
Credited = Sequence[wire.ReleaseGroup | wire.Release | wire.Recording]
_BETWEEN = " / "


def artists(artists: Sequence[wire.Artist]) -> Columns:
    """Artists with what is told of them."""
    return {
        "artist_id": [a.id for a in artists],
        "name": [a.name for a in artists],
        "country": [a.country for a in artists],
        "active_from": [_year(a.life_span.begin) if a.life_span else a.life_span for a in artists],
        "active_to": [_year(a.life_span.end) if a.life_span else a.life_span for a in artists],
        "url": [f"{PAGES}{a.id}" for a in artists],
    }


def with_related(artist: wire.Artist) -> Columns:
    """An artist, and of those it is related to what is told of them there."""
    told = {one.artist.id: one.artist for one in artist.relations or () if one.artist and one.artist.id}
    return artists([artist, *(other for mbid, other in told.items() if mbid != artist.id)])


def mentions(objects: Credited) -> Columns:
    """The artists in the credits, each once."""
    found = {
        c.artist.id: c.artist for o in objects for c in o.artist_credit or () if c.artist and c.artist.id
    }
    return {
        "artist_id": list(found),
        "name": [a.name for a in found.values()],
        "url": [f"{PAGES}{mbid}" for mbid in found],
    }


def aliases(artist: wire.Artist) -> Columns:
    """The other names of an artist, each once."""
    told = [one.name for one in artist.aliases or () if one.name and one.name != artist.name]
    names = list(dict.fromkeys(told))
    return {
        "artist_id": [artist.id] * len(names),
        "alias": names,
        "method": ["musicbrainz alias"] * len(names),
        "confidence": [1.0] * len(names),
    }


def urls(artist: wire.Artist) -> Columns | None:
    """The links of an artist; None when the answer does not tell them."""
    if not isinstance(artist.relations, list):
        return None
    pages = [one for one in artist.relations if one.artist is UNSET]
    if not _told(pages, "url") or not _told([one.url for one in pages], "resource"):
        return None
    links: dict[str, wire.Relation] = {}
    for one in artist.relations:
        if one.url and one.url.resource:
            links.setdefault(one.url.resource, one)
    sites = [site_of(url) for url in links]
    return {
        "artist_id": [artist.id] * len(links),
        "url": list(links),
        "relation": [_set(one.type) for one in links.values()],
        "site": [site for site, _ in sites],
        "target_id": [target for _, target in sites],
        "ended": [bool(one.ended) for one in links.values()],
    }


def relations(artist: wire.Artist) -> Columns | None:
    """What an artist is to others, of several times the whole span; None when the answer does not tell."""
    if not isinstance(artist.relations, list):
        return None
    others = [one for one in artist.relations if one.url is UNSET]
    if others and not any(one.artist and one.artist.id for one in others):
        return None
    if not _told(others, "type", "begin", "end", "ended"):
        return None
    told: dict[tuple[str, str, str], list[wire.Relation]] = {}
    for one in artist.relations:
        if one.artist and one.artist.id and one.type:
            told.setdefault((one.artist.id, one.type, one.direction or "forward"), []).append(one)
    spans = list(told.values())
    return {
        "artist_id": [artist.id] * len(told),
        "other_artist_id": [other for other, _, _ in told],
        "relation": [relation for _, relation, _ in told],
        "direction": [direction for _, _, direction in told],
        "roles": [_joined((role for one in span for role in one.attributes or ()), ", ") for span in spans],
        "begin_date": [min((one.begin for one in span if one.begin), default=None) for span in spans],
        "end_date": [_end(span) for span in spans],
        "ended": [all(one.ended for one in span) for span in spans],
    }


def tags(artist: wire.Artist) -> Columns | None:
    """The tags of an artist; None when the answer does not tell them."""
    if not isinstance(artist.tags, list) or not _told(artist.tags, "name", "count"):
        return None
    votes = {one.name: _set(one.count) for one in artist.tags if one.name}
    genres = {one.name for one in artist.genres or () if one.name}
    return {
        "artist_id": [artist.id] * len(votes),
        "tag": list(votes),
        "votes": list(votes.values()),
        "is_genre": [name in genres for name in votes],
    }


def genres(artist: wire.Artist) -> Columns | None:
    """The genres of an artist, most votes first; None when the answer does not tell them."""
    if not isinstance(artist.genres, list) or not _told(artist.genres, "name", "count"):
        return None
    voted = sorted(((-(one.count or 0), one.name) for one in artist.genres if one.name), key=lambda one: one)
    names = list(dict.fromkeys(name for votes, name in voted if votes < 0))
    return {"artist_id": [artist.id] * len(names), "genre": names, "position": list(range(len(names)))}


def albums(groups: Sequence[wire.ReleaseGroup]) -> Columns:
    """Release groups as albums."""
    dates = [_blank(g.first_release_date) for g in groups]
    return {
        "album_id": [g.id for g in groups],
        "name": [g.title for g in groups],
        "album_type": [_kind(g) for g in groups],
        "release_date": dates,
        "release_date_precision": [_precision(date) for date in dates],
    }


def albums_of(releases: Sequence[wire.Release]) -> list[wire.ReleaseGroup]:
    """The albums that releases are issues of, each once."""
    groups = {one.release_group.id: one.release_group for one in releases if one.release_group}
    return [group for mbid, group in groups.items() if mbid]


def releases(releases: Sequence[wire.Release]) -> Columns:
    """Releases with their labels."""
    dates = [_blank(one.date) for one in releases]
    return {
        "release_id": [one.id for one in releases],
        "album_id": [one.release_group.id if one.release_group else UNSET for one in releases],
        "name": [one.title for one in releases],
        "status": [one.status for one in releases],
        "release_date": dates,
        "release_date_precision": [_precision(date) for date in dates],
        "country": [one.country for one in releases],
        "barcode": [_blank(one.barcode) for one in releases],
        "label": [
            _labels(one, lambda issued: issued.label.name if issued.label else None) for one in releases
        ],
        "catalogue_number": [_labels(one, lambda issued: issued.catalog_number) for one in releases],
        "total_tracks": [_length(one) for one in releases],
        "url": [f"{RELEASE_PAGES}{one.id}" for one in releases],
    }


def tracks(recordings: Sequence[wire.Recording]) -> Columns:
    """Recordings as tracks; of several codes the first in order."""
    return {
        "track_id": [r.id for r in recordings],
        "name": [r.title for r in recordings],
        "duration_ms": [r.length for r in recordings],
        "isrc": [min(r.isrcs, default=None) if isinstance(r.isrcs, list) else r.isrcs for r in recordings],
    }


def isrcs(recordings: Iterable[wire.Recording]) -> Columns:
    """Every code of each recording."""
    pairs = [(r.id, code) for r in recordings for code in dict.fromkeys(r.isrcs or ())]
    return {"track_id": [one for one, _ in pairs], "isrc": [code for _, code in pairs]}


def credits_of(owner: str, objects: Credited) -> Columns:
    """Who made each release group or recording (`owner` names its id column), in order, none twice."""
    rows: dict[tuple[str, str], int] = {}
    for one in objects:
        for place, credit in enumerate(one.artist_credit or ()):
            if credit.artist and credit.artist.id:
                rows.setdefault((one.id or "", credit.artist.id), place)
    return {
        owner: [one for one, _ in rows],
        "artist_id": [artist for _, artist in rows],
        "position": list(rows.values()),
    }


def _told(objects: Sequence[Any], *fields: str) -> bool:
    """Whether some of the objects have each field: a set of which all lack one would be a false one."""
    return not objects or all(any(getattr(one, f, UNSET) is not UNSET for one in objects) for f in fields)


def _labels(release: wire.Release, of: Callable[[wire.Issued], Any]) -> Any:  # noqa: ANN401  text, null or UNSET
    if not isinstance(release.label_info, list):
        return release.label_info
    return _joined((_set(of(one)) for one in release.label_info), _BETWEEN)


def _length(release: wire.Release) -> Any:  # noqa: ANN401  a number, null or UNSET
    counts = [one.track_count for one in release.media or ()]
    return sum(one or 0 for one in counts) if counts else UNSET


def _joined(texts: Iterable[Any], between: str) -> str | None:
    return between.join(dict.fromkeys(text for text in texts if text)) or None


def _end(span: Sequence[wire.Relation]) -> str | None:
    """The last end; None while it goes on, or where nobody knows."""
    ends = [one.end for one in span]
    return max((end for end in ends if end), default=None) if all(ends) else None


def _kind(group: wire.ReleaseGroup) -> Any:  # noqa: ANN401  text, null or UNSET
    if "Compilation" in (group.secondary_types or ()):
        return "compilation"
    return group.primary_type.lower() if group.primary_type else group.primary_type


def _year(date: Any) -> Any:  # noqa: ANN401  text, null or UNSET; null and UNSET stay
    if not date:
        return None if date == "" else date
    return int(date[:_YEAR]) if date[:_YEAR].isascii() and date[:_YEAR].isdigit() else None


def _blank(text: Any) -> Any:  # noqa: ANN401  text, null or UNSET; "" is how nothing is told
    return None if text == "" else text


def _precision(date: Any) -> Any:  # noqa: ANN401  text, null or UNSET; null and UNSET stay
    return _PRECISION.get(len(date)) if date else date


def _set(value: Any) -> Any:  # noqa: ANN401  a set has no unset values: what is not told is null
    return None if value is UNSET else value
