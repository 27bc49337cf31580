"""The MusicBrainz web service over a catalogue: a path and its parameters to an answer. No sockets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from tunelake.sandbox.catalogue import Album, Artist, Catalogue, Query, Track
from tunelake.sandbox.names import key as folded
from tunelake.sandbox.open_sources import xml
from tunelake.sandbox.open_sources.books import SPOTIFY, Books, Json, links, url_id
from tunelake.sandbox.open_sources.lucene import Asked, parse
from tunelake.sandbox.open_sources.mbids import Kind, id_behind

PREFIX = "/ws/2"
HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
ENTITIES = ("artist", "release", "release-group", "recording")
MOST, USUAL = 100, 25
_MBID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Thing = Artist | Album | Track


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to be sent; `headers` beside those every answer has."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = {}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class MusicBrainz:
    """Answers the requests of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._books = Books(catalogue)

    def answer(self, path: str, params: Mapping[str, str], accept: str) -> Answer:
        """Answer a GET; XML unless `fmt=json` or the Accept header asks for JSON."""
        as_json = params.get("fmt") == "json" or ("fmt" not in params and "application/json" in accept)
        try:
            return self._route(path.removeprefix(PREFIX).strip("/").split("/"), params, as_json)
        except Refused as refused:
            return refusal(refused.status, str(refused), as_json=as_json)

    def _route(self, parts: Sequence[str], params: Mapping[str, str], as_json: bool) -> Answer:
        name, key = parts[0], parts[1] if len(parts) > 1 else ""
        inc = frozenset(re.split(r"[ +]", params.get("inc", ""))) - {""}
        if name == "url":
            return _one("url", self._url(params.get("resource", ""), key, inc), as_json)
        if name == "isrc" and key:
            return self._isrc(key.upper(), inc, as_json)
        if name not in ENTITIES or len(parts) > 2:  # noqa: PLR2004  entity, id
            raise Refused(404, "Not Found")
        kind = cast("Kind", name)
        if key:
            return _one(name, self._lookup(kind, key, inc), as_json)
        if "query" in params:
            return self._search(kind, params, as_json)
        return self._browse(kind, params, inc, as_json)

    def _lookup(self, kind: Kind, mbid: str, inc: frozenset[str]) -> Json:
        return self._entry(kind, self._thing(kind, mbid), inc)

    def _thing(self, kind: Kind, mbid: str) -> Thing:
        if not _MBID.fullmatch(mbid):
            raise Refused(400, "Invalid mbid.")
        thing = self._books.thing(kind, mbid)
        if thing is None:
            raise Refused(404, "Not Found")
        return thing

    def _entry(self, kind: Kind, thing: Thing, inc: frozenset[str]) -> Json:
        if isinstance(thing, Artist):
            return self._books.artist(thing, inc)
        if isinstance(thing, Track):
            return self._books.recording(thing, inc)
        return (self._books.release_group if kind == "release-group" else self._books.release)(thing, inc)

    def _browse(self, kind: Kind, params: Mapping[str, str], inc: frozenset[str], as_json: bool) -> Answer:
        things = [thing for thing in self._linked(kind, params) if _fits(thing, kind, params)]
        limit, offset = _window(params)
        entries = [self._entry(kind, one, inc) for one in things[offset : offset + limit]]
        return _many(kind, entries, len(things), offset, as_json, prefix=f"{kind}-")

    def _linked(self, kind: Kind, params: Mapping[str, str]) -> Sequence[Thing]:
        """The things of a kind that belong to the thing that is named."""
        owner = next((one for one in ("artist", "track_artist", *ENTITIES[1:]) if one in params), None)
        named: Kind = "artist" if owner == "track_artist" else cast("Kind", owner)
        if owner is None or named == kind or (owner == "track_artist" and kind != "release"):
            raise Refused(400, "A query or a linked entity is needed.")
        thing = self._thing(named, params[owner])
        if isinstance(thing, Artist):
            return (self._books.tracks if kind == "recording" else self._books.albums)(thing.id)
        if kind == "artist":
            return self._books.artists(thing.artist_ids)
        if isinstance(thing, Track):
            album = self._catalogue.album(thing.album_id)
            return [album] if album and kind == "release" else []
        if kind == "recording":
            return [track for one in thing.track_ids if (track := self._catalogue.track(one))]
        return [thing]

    def _search(self, kind: Kind, params: Mapping[str, str], as_json: bool) -> Answer:
        limit, offset = _window(params)
        asked = parse(params["query"])
        ids, total = self._found(kind, asked, offset, limit)
        found: list[Json] = []
        for place, one in enumerate(ids):
            thing = self._catalogue_thing(kind, one)
            if thing is not None:
                entry = self._entry(kind, thing, _SEARCHED[kind])
                found.append({"score": _score(thing, asked, offset + place)} | entry)
        return _many(kind, found, total, offset, as_json, prefix="")

    def _found(self, kind: Kind, asked: Asked, offset: int, limit: int) -> tuple[Sequence[str], int]:
        by_id = {"artist": "arid", "recording": "rid", "release-group": "rgid"}.get(kind, "reid")
        if by_id in asked.fields:
            one = id_behind(kind, asked.fields[by_id])
            return ([one], 1) if one else ([], 0)
        if kind == "artist":
            query = Query(text=asked.first("artist", "alias", "artistaccent", "sortname"))
            hits = self._catalogue.search("artist", query, offset=offset, limit=limit)
        elif kind == "recording":
            query = Query(
                text=asked.first("recording") if "isrc" not in asked.fields else "",
                artist=asked.fields.get("artist") or asked.fields.get("artistname"),
                isrc=asked.fields.get("isrc"),
            )
            hits = self._catalogue.search("track", query, offset=offset, limit=limit)
        else:
            query = Query(
                text=asked.first("releasegroup", "release") if "barcode" not in asked.fields else "",
                artist=asked.fields.get("artist") or asked.fields.get("artistname"),
                upc=asked.fields.get("barcode"),
            )
            hits = self._catalogue.search("album", query, offset=offset, limit=limit)
        return hits.ids, hits.total

    def _catalogue_thing(self, kind: Kind, thing_id: str) -> Thing | None:
        if kind == "artist":
            return self._catalogue.artist(thing_id)
        return self._catalogue.track(thing_id) if kind == "recording" else self._catalogue.album(thing_id)

    def _url(self, resource: str, key: str, inc: frozenset[str]) -> Json:
        artist = self._catalogue.artist(urlsplit(resource).path.rpartition("/")[2])
        if key or artist is None or resource not in dict(links(artist)):
            raise Refused(404, "Not Found")
        entry: Json = {"id": url_id(resource), "resource": resource}
        if "artist-rels" in inc:
            kind = "free streaming" if resource.startswith(SPOTIFY) else "discogs"
            named = self._books.artist(artist, frozenset())
            told: Json = {"attributes": [], "begin": None, "end": None, "ended": False, "artist": named}
            relation: Json = {"type": kind, "target-type": "artist", "direction": "backward"}
            entry["relations"] = [relation | told]
        return entry

    def _isrc(self, isrc: str, inc: frozenset[str], as_json: bool) -> Answer:
        recordings = [self._books.recording(one, inc) for one in self._books.by_isrc(isrc)]
        if not recordings:
            raise Refused(404, "Not Found")
        if as_json:
            return _json({"isrc": isrc, "recordings": recordings})
        return _one("isrc", {"id": isrc, "recordings": recordings}, as_json=False)


_SEARCHED: dict[Kind, frozenset[str]] = {
    "artist": frozenset({"aliases", "tags"}),
    "recording": frozenset({"artist-credits", "isrcs", "releases"}),
    "release": frozenset({"artist-credits", "labels", "release-groups"}),
    "release-group": frozenset({"artist-credits", "releases"}),
}


def refusal(status: int, text: str, *, as_json: bool, headers: dict[str, str] | None = None) -> Answer:
    """An error as the service words it."""
    if as_json:
        body, kind = msgspec.json.encode({"error": text, "help": HELP}), "application/json; charset=utf-8"
    else:
        body, kind = xml.error(text, HELP), "application/xml; charset=utf-8"
    return Answer(status=status, body=body, content_type=kind, headers=headers or {})


def _window(params: Mapping[str, str]) -> tuple[int, int]:
    try:
        limit, offset = int(params.get("limit", USUAL)), int(params.get("offset", 0))
    except ValueError:
        raise Refused(400, "limit and offset are whole numbers.") from None
    return (limit if 1 <= limit <= MOST else USUAL), max(0, offset)


def _fits(thing: Thing, kind: Kind, params: Mapping[str, str]) -> bool:
    """Whether a thing is of the types and states asked for; all issues here are official."""
    types, states = params.get("type"), params.get("status")
    if not isinstance(thing, Album) or (kind == "release-group" and not types):
        return True
    return (not types or thing.album_type in types.split("|")) and (
        not states or "official" in states.split("|")
    )


def _score(thing: Thing, asked: Asked, place: int) -> int:
    wanted = asked.first("artist", "alias", "recording", "releasegroup", "release")
    if folded(thing.name) == folded(wanted):
        return 100
    other = isinstance(thing, Artist) and folded(wanted) in map(folded, thing.aliases)
    return max(1, (98 if other else 80) - place)


def _one(name: str, entry: Json, as_json: bool) -> Answer:
    return _json(entry) if as_json else _xml(xml.document(name, entry))


def _many(kind: str, entries: list[Json], count: int, offset: int, as_json: bool, *, prefix: str) -> Answer:
    """A page; the names of its numbers differ between a search and a list."""
    if as_json:
        numbers: dict[str, Any] = {f"{prefix}count": count, f"{prefix}offset": offset}
        return _json(numbers | {f"{kind}s": entries})
    return _xml(xml.listing(kind, entries, count, offset))


def _json(document: Json) -> Answer:
    return Answer(
        status=200, body=msgspec.json.encode(document), content_type="application/json; charset=utf-8"
    )


def _xml(body: bytes) -> Answer:
    return Answer(status=200, body=body, content_type="application/xml; charset=utf-8")
