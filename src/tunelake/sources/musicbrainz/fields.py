"""Which fields the objects of the MusicBrainz web service have, of what type, and which always. Pure."""

from __future__ import annotations

import msgspec

from tunelake.domain.fields import Shape
from tunelake.sources.fields import Fields, typed
from tunelake.sources.shapes import look_at_all

_NAMED = typed(text="id name sort-name disambiguation type type-id country annotation")
_TITLED = typed(
    text="id title disambiguation annotation", several="artist-credit aliases tags genres relations"
)
_VOTES = typed(several="tags genres user-tags user-genres", inner="rating user-rating")

KNOWN: dict[str, dict[str, str]] = {
    "page": typed(
        text="created",
        number="count offset release-group-count release-group-offset release-count release-offset "
        "recording-count recording-offset",
        several="artists release-groups releases recordings",
    ),
    "artist": _NAMED | _VOTES | typed(
        text="gender gender-id", number="score",
        several="aliases relations isnis ipis release-groups releases recordings works",
        inner="area begin-area end-area begin_area end_area life-span",
    ),
    "mention": _NAMED | _VOTES | typed(
        text="gender gender-id", several="aliases isnis ipis iso-3166-1-codes",
        inner="area begin-area end-area begin_area end_area life-span",
    ),
    "span": typed(text="begin end", flag="ended"),
    "alias": typed(text="name sort-name type type-id locale begin end begin-date end-date", flag="ended")
    | {"primary": ""},
    "vote": typed(text="id name disambiguation", number="count"),
    "relation": typed(
        text="type type-id target-type direction begin end source-credit target-credit",
        number="ordering-key", flag="ended", several="attributes",
        inner="attribute-ids attribute-values attribute-credits artist url",
    ),
    "url": typed(text="id resource", several="relations"),
    "release-group": _TITLED | _VOTES | typed(
        text="primary-type primary-type-id first-release-date",
        several="secondary-types secondary-type-ids releases",
    ),
    "credit": typed(text="name joinphrase", inner="artist"),
    "release": _TITLED | _VOTES | typed(
        text="status status-id date country barcode asin packaging packaging-id quality",
        number="track-count",
        several="release-events label-info media collections",
        inner="text-representation cover-art-archive release-group",
    ),
    "issue": typed(text="catalog-number", inner="label"),
    "label": _NAMED | _VOTES | typed(
        number="label-code", several="aliases isnis ipis", inner="area life-span",
    ),
    "medium": typed(
        text="id title format format-id", number="position track-count track-offset",
        several="tracks data-tracks discs", inner="pregap",
    ),
    "recording": _TITLED | _VOTES | typed(
        text="first-release-date", number="length", flag="video", several="isrcs releases",
    ),
}  # fmt: skip
KNOWN["hit"] = KNOWN["artist"]
INSIDE: dict[str, dict[str, str]] = {
    "artist": {
        "life-span": "span", "aliases": "alias", "tags": "vote", "genres": "vote", "relations": "relation",
    },
    "hit": {"aliases": "alias", "tags": "vote"},
    "relation": {"artist": "mention", "url": "url"},
    "url": {"relations": "relation"},
    "release-group": {"artist-credit": "credit"},
    "credit": {"artist": "mention"},
    "release": {
        "artist-credit": "credit", "release-group": "release-group", "label-info": "issue", "media": "medium",
    },
    "issue": {"label": "label"},
    "recording": {"artist-credit": "credit"},
}  # fmt: skip

_ALWAYS = {
    "artist": "id name country life-span aliases tags genres relations",
    "hit": "id name",
    "mention": "id name",
    "span": "begin end",
    "alias": "name",
    "vote": "name count",
    "relation": "type direction attributes begin end ended",
    "url": "resource",
    "release-group": "id title primary-type secondary-types first-release-date",
    "credit": "artist",
    "release": "id title status barcode label-info media release-group artist-credit",
    "issue": "catalog-number label",
    "label": "name",
    "medium": "track-count",
    "recording": "id title length isrcs artist-credit",
}
_OF_A_PAGE = {
    "mb_search": "artists",
    "mb_release_groups": "release-groups release-group-count",
    "mb_releases": "releases release-count",
    "mb_recordings": "recordings recording-count",
}
# What nobody tells of a thing has no field there, or only some answers are asked for it.
AT_TIMES: dict[str, frozenset[str]] = {
    "page": frozenset({"created"}),
    "artist": frozenset(KNOWN["artist"]) - set(_ALWAYS["artist"].split()),
    "hit": frozenset(KNOWN["hit"]) - {"id", "name"},  # a search leaves out what is not known of an artist
    "mention": frozenset(KNOWN["mention"]) - {"id", "name"},
    "alias": frozenset(KNOWN["alias"]) - {"name"},
    "vote": frozenset({"id", "disambiguation"}),
    "relation": frozenset({
        "type-id", "ordering-key", "source-credit", "target-credit", "attribute-ids", "attribute-values",
        "attribute-credits",
    }),
    "release-group": frozenset({"artist-credit", "disambiguation", "annotation", "releases"}),
    "release": frozenset({"date", "country", "release-events", "asin", "annotation"}),
    "label": frozenset(KNOWN["label"]) - {"name"},
    "medium": frozenset(KNOWN["medium"]) - {"track-count"},
    "recording": frozenset({"first-release-date", "annotation"}),
}  # fmt: skip
_LISTS = {
    "mb_search": ("artists", "hit"),
    "mb_release_groups": ("release-groups", "release-group"),
    "mb_releases": ("releases", "release"),
    "mb_recordings": ("recordings", "recording"),
}
_ONE = {"mb_artist": "artist", "mb_url": "url"}


def shapes(endpoint: str, body: bytes) -> dict[str, Shape]:
    """The fields of an answer's page, of the objects listed there, and of those in them, by place."""
    answer = msgspec.json.decode(body)
    found: dict[str, Shape] = {}
    if listed := _LISTS.get(endpoint):
        look_at_all(answer, "page", "page", INSIDE, found)
        field, kind = listed
        look_at_all(answer.get(field) if isinstance(answer, dict) else None, kind, kind, INSIDE, found)
    elif kind := _ONE.get(endpoint, ""):
        look_at_all(answer, kind, kind, INSIDE, found)
    return found


def expected(endpoint: str, place: str) -> frozenset[str]:
    """The fields that tables, or reading on, take from a place of an answer."""
    if place == "page":
        return frozenset(_OF_A_PAGE.get(endpoint, "").split())
    if endpoint == "mb_url" and place == "url":
        return frozenset({"relations"})
    kind = MUSICBRAINZ.kind_of(place)
    always = frozenset(_ALWAYS.get(kind, "").split())
    return always | {"artist-credit"} if endpoint == "mb_release_groups" and place == kind else always


MUSICBRAINZ = Fields(
    source="musicbrainz",
    known=KNOWN,
    inside=INSIDE,
    at_times=AT_TIMES,
    either={"relation": ("artist", "url")},
    expected=expected,
    promised=lambda endpoint, place, _: expected(endpoint, place),
    shapes=shapes,
)
"""What is known of the fields of MusicBrainz."""
