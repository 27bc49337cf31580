"""The ListenBrainz API over a catalogue: popularity, top recordings, similar artists, listens. No sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tunelake.sandbox.catalogue import Artist, Catalogue, Track
from tunelake.sandbox.draw import Draw, key_of
from tunelake.sandbox.open_sources.books import Books
from tunelake.sandbox.open_sources.mbids import mbid_of
from tunelake.sandbox.open_sources.musicbrainz import Answer

PREFIX = "/1/"
TOKEN = "tunelake-sandbox"  # noqa: S105  printed for everybody
NEWEST = 1_790_000_000
STEP_S = 240
LISTENS = 1200
MOST = 100
MOST_LISTENS = 1000
NOT_FOUND = "The requested URL was not found on the server."
Json = dict[str, Any]
Params = Mapping[str, str]


class ListenBrainz:
    """Answers the requests of one catalogue; its users are made up as they are asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._books = Books(catalogue)

    def answer(self, method: str, path: str, params: Params, body: bytes, token: str) -> Answer:
        """Answer a request; a path of another shape is not found."""
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        if method == "POST":
            return self._counts(parts, body)
        match parts:
            case ["popularity", "top-recordings-for-artist", mbid]:
                return self._of_artist(mbid, self._top)
            case ["lb-radio", "artist", mbid]:
                most = _number(params, "max_similar_artists", 15, 200)
                each = _number(params, "max_recordings_per_artist", 3, 200)
                return self._of_artist(mbid, lambda artist: self._radio(artist, most, each))
            case ["validate-token"]:
                return _ok({"code": 200, "valid": token == TOKEN, "message": "Token checked."})
            case ["user", name, *what] | ["stats", "user", name, *what]:
                return self._of_user(name, "/".join(what), params)
            case _:
                return _error(404, NOT_FOUND)

    def _of_user(self, name: str, what: str, params: Params) -> Answer:
        if what == "listens":
            return self._listens(name, params)
        if what == "artists":
            return self._top_artists(name, params)
        if what == "listen-count":
            return _ok({"payload": {"count": LISTENS}})
        if what == "playing-now":
            return _ok({"payload": {"count": 0, "listens": [], "playing_now": True, "user_id": name}})
        return _error(404, NOT_FOUND)

    def _of_artist(self, mbid: str, make: Callable[[Artist], Any]) -> Answer:
        if mbid.count("-") != 4:  # noqa: PLR2004  five groups of digits
            return _error(400, f"artist_mbid: '{mbid}' is not a valid uuid")
        thing = self._books.thing("artist", mbid)
        return _ok(make(thing) if isinstance(thing, Artist) else [])

    def _counts(self, parts: Sequence[str], body: bytes) -> Answer:
        kinds = {"artist": ("artist", "artist_mbids"), "recording": ("recording", "recording_mbids")}
        if len(parts) != 2 or parts[0] != "popularity" or parts[1] not in kinds:  # noqa: PLR2004
            return _error(404, NOT_FOUND)
        kind, field = kinds[parts[1]]
        try:
            asked = msgspec.json.decode(body, type=dict[str, list[str]])[field]
        except (msgspec.DecodeError, KeyError):
            return _error(400, f"JSON document must contain {field}")
        told = []
        for mbid in asked:
            thing = self._books.thing("artist" if kind == "artist" else "recording", mbid)
            listens, people = listens_of(thing) if isinstance(thing, Artist | Track) else (None, None)
            told.append({f"{kind}_mbid": mbid, "total_listen_count": listens, "total_user_count": people})
        return _ok(told)

    def _top(self, artist: Artist) -> list[Json]:
        ids = self._catalogue.top_tracks(artist.id, "US")
        tracks = [track for one in ids if (track := self._catalogue.track(one))]
        return sorted((self._recording(one) for one in tracks), key=lambda one: -one["total_listen_count"])

    def _recording(self, track: Track) -> Json:
        artists = self._books.artists(track.artist_ids)
        album = self._catalogue.album(track.album_id)
        listens, people = listens_of(track)
        mbids = [mbid_of("artist", one.id) for one in artists]
        return {
            "artist_mbids": mbids,
            "artist_name": " & ".join(one.name for one in artists),
            "artists": [
                {"artist_credit_name": one.name, "artist_mbid": mbid, "join_phrase": ""}
                for one, mbid in zip(artists, mbids, strict=True)
            ],
            "caa_id": None,
            "caa_release_mbid": None,
            "length": track.duration_ms,
            "recording_mbid": mbid_of("recording", track.id),
            "recording_name": track.name,
            "release_mbid": mbid_of("release", track.album_id),
            "release_name": album.name if album else None,
            "total_listen_count": listens,
            "total_user_count": people,
        }

    def _radio(self, artist: Artist, most: int, each: int) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for near in self._books.artists((artist.id, *self._catalogue.related(artist.id)))[: most + 1]:
            mbid = mbid_of("artist", near.id) or ""
            found[mbid] = [
                {
                    "recording_mbid": one["recording_mbid"],
                    "similar_artist_mbid": mbid,
                    "similar_artist_name": near.name,
                    "total_listen_count": one["total_listen_count"],
                }
                for one in self._top(near)[:each]
            ]
        return found

    def _listens(self, name: str, params: Params) -> Answer:
        if "max_ts" in params and "min_ts" in params:
            return _error(400, "You may only specify max_ts or min_ts, not both.")
        count = _number(params, "count", 25, MOST_LISTENS)
        places = range(LISTENS)
        if "max_ts" in params:
            places = range(max(0, (NEWEST - int(params["max_ts"])) // STEP_S + 1), LISTENS)
        if "min_ts" in params:
            end = min(LISTENS, max(0, -(-(NEWEST - int(params["min_ts"])) // STEP_S)))
            places = range(max(0, end - count), end)
        listens = [self._listen(name, place) for place in places[:count]]
        oldest = NEWEST - (LISTENS - 1) * STEP_S
        payload = {"count": len(listens), "listens": listens, "user_id": name}
        return _ok({"payload": payload | {"latest_listen_ts": NEWEST, "oldest_listen_ts": oldest}})

    def _listen(self, name: str, place: int) -> Json:
        draw = Draw(key_of(name), place)
        album = self._catalogue.album(draw.skewed(self._catalogue.new_releases()))
        track = self._catalogue.track(draw.pick(album.track_ids)) if album else None
        if album is None or track is None:
            return {"listened_at": NEWEST - place * STEP_S, "track_metadata": {}}
        artists = self._books.artists(track.artist_ids)
        info = {
            "recording_mbid": mbid_of("recording", track.id),
            "artist_mbids": [mbid_of("artist", one.id) for one in artists],
            "release_mbid": mbid_of("release", album.id),
            "isrc": track.isrc,
            "duration_ms": track.duration_ms,
        }
        return {
            "listened_at": NEWEST - place * STEP_S,
            "recording_msid": mbid_of("track", track.id),
            "user_name": name,
            "track_metadata": {
                "track_name": track.name,
                "artist_name": " & ".join(one.name for one in artists),
                "release_name": album.name,
                "additional_info": info,
            },
        }

    def _top_artists(self, name: str, params: Params) -> Answer:
        counted: dict[str, Json] = {}
        for place in range(LISTENS):
            told = self._listen(name, place)["track_metadata"]
            mbids = told["additional_info"]["artist_mbids"]
            first = {"artist_mbid": mbids[0], "artist_name": told["artist_name"], "listen_count": 0}
            counted.setdefault(mbids[0], first)["listen_count"] += 1
        ranked = sorted(counted.values(), key=lambda one: (-one["listen_count"], one["artist_mbid"]))
        count, offset = _number(params, "count", 25, MOST), _number(params, "offset", 0, LISTENS)
        payload = {
            "artists": ranked[offset : offset + count],
            "count": len(ranked[offset : offset + count]),
            "total_artist_count": len(ranked),
            "offset": offset,
            "range": params.get("range", "all_time"),
            "user_id": name,
        }
        return _ok({"payload": payload})


def listens_of(thing: Artist | Track) -> tuple[int, int]:
    """Made-up listens and listeners that grow with popularity."""
    draw = Draw(key_of(thing.id), 41)
    people = int(10 ** ((thing.popularity or 0) / 22 + draw.unit() / 4))
    return people * draw.between(3, 40), people


def refused(status: int, text: str, headers: dict[str, str]) -> Answer:
    """An error as the API words it."""
    body = msgspec.json.encode({"code": status, "error": text})
    return Answer(status=status, body=body, content_type="application/json", headers=headers)


def _error(status: int, text: str) -> Answer:
    return refused(status, text, {})


def _ok(document: object) -> Answer:
    return Answer(status=200, body=msgspec.json.encode(document), content_type="application/json")


def _number(params: Params, name: str, usual: int, most: int) -> int:
    text = params.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() else usual
