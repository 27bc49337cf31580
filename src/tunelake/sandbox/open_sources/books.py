"""A catalogue's things as the JSON objects of MusicBrainz: what belongs together is asked for by `inc`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tunelake.sandbox.catalogue import Album, Artist, Catalogue, Query, Track
from tunelake.sandbox.draw import Draw, key_of
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open_sources.mbids import Kind, id_behind, mbid_of

Json = dict[str, Any]
SPOTIFY = "https://open.spotify.com/artist/"
FIRST = 25
WITHOUT_LINK = 8
"""One artist in so many has no link to its page at Spotify, as many have none."""


class Books:
    """Writes the entries of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def artist(self, artist: Artist, inc: frozenset[str]) -> Json:
        """One artist with what `inc` asks for."""
        area = {"name": artist.country} if artist.country else None
        entry = self._named(artist) | {"country": artist.country, "area": area}
        years = [album.release_date for album in self.albums(artist.id) if artist.id in album.artist_ids]
        entry["life-span"] = {"begin": min(years)[:4] if years else None, "end": None, "ended": False}
        if "aliases" in inc:
            entry["aliases"] = [_alias(name) for name in artist.aliases]
        entry |= _voted(artist, inc)
        if inc & {"url-rels", "artist-rels"}:
            entry["relations"] = [
                *(_url_relation(url, kind) for url, kind in links(artist) if "url-rels" in inc),
                *(self._related(artist) if "artist-rels" in inc else ()),
            ]
        return entry | self._works(artist.id, inc)

    def _related(self, artist: Artist) -> Iterator[Json]:
        """What it is to those it performs with, the same from either side."""
        beside = dict.fromkeys(one for track in self.tracks(artist.id) for one in track.artist_ids)
        for other in self.artists(one for one in beside if one != artist.id):
            first, second = sorted((artist.id, other.id))
            draw = Draw(key_of(first + second), 53)
            kind = ("member of band", "collaboration", "")[draw.between(0, 2)]
            if kind:
                begin, over = draw.between(1990, 2020), bool(draw.between(0, 1))
                yield {
                    "type": kind,
                    "target-type": "artist",
                    "direction": "forward" if artist.id == first else "backward",
                    "attributes": ["original"] if kind == "member of band" else [],
                    "begin": str(begin),
                    "end": str(begin + 4) if over else None,
                    "ended": over,
                    "artist": self._named(other),
                }

    def _works(self, artist_id: str, inc: frozenset[str]) -> Json:
        """The first works of an artist, as a look-up brings them along."""
        none: frozenset[str] = frozenset()
        entry: Json = {}
        if "release-groups" in inc:
            entry["release-groups"] = [
                self.release_group(one, none) for one in self.albums(artist_id)[:FIRST]
            ]
        if "releases" in inc:
            entry["releases"] = [self.release(one, none) for one in self.albums(artist_id)[:FIRST]]
        if "recordings" in inc:
            entry["recordings"] = [self.recording(one, none) for one in self.tracks(artist_id)[:FIRST]]
        return entry

    def release_group(self, album: Album, inc: frozenset[str]) -> Json:
        """An album in all its issues, of which there is one."""
        compilation = album.album_type == "compilation"
        entry: Json = {
            "id": mbid_of("release-group", album.id),
            "title": album.name,
            "primary-type": "Album" if compilation else album.album_type.capitalize(),
            "secondary-types": ["Compilation"] if compilation else [],
            "first-release-date": album.release_date,
        }
        if inc & {"artist-credits", "artists"}:
            entry["artist-credit"] = self._credit(album.artist_ids)
        if "releases" in inc:
            entry["releases"] = [self.release(album, frozenset())]
        return entry

    def release(self, album: Album, inc: frozenset[str]) -> Json:
        """The one issue of an album."""
        entry: Json = {
            "id": mbid_of("release", album.id),
            "title": album.name,
            "status": "Official",
            "date": album.release_date,
        }
        entry["barcode"] = album.upc
        if country := self._country(album):
            entry["country"] = country
        if inc & {"artist-credits", "artists"}:
            entry["artist-credit"] = self._credit(album.artist_ids)
        if "release-groups" in inc:
            entry["release-group"] = self.release_group(album, inc & {"artist-credits"})
        if "labels" in inc:
            entry["label-info"] = [_issued(album, album.label)] if album.label else []
        if inc & {"recordings", "media"}:
            entry["media"] = self._media(album, inc)
        return entry

    def recording(self, track: Track, inc: frozenset[str]) -> Json:
        """One recording."""
        entry: Json = {
            "id": mbid_of("recording", track.id),
            "title": track.name,
            "length": track.duration_ms,
            "video": False,
        }
        if "isrcs" in inc:
            entry["isrcs"] = [track.isrc] if track.isrc else []
        if inc & {"artist-credits", "artists"}:
            entry["artist-credit"] = self._credit(track.artist_ids)
        if "releases" in inc and (album := self._catalogue.album(track.album_id)):
            entry["releases"] = [self.release(album, frozenset())]
        return entry

    def _country(self, album: Album) -> str | None:
        """Where an album came out: where who made it is from."""
        makers = self.artists(album.artist_ids[:1])
        return makers[0].country if makers else None

    def albums(self, artist_id: str) -> list[Album]:
        """The albums credited to an artist, in the order of the catalogue."""
        listed = [one for one, group in self._catalogue.albums_of(artist_id) if group != "appears_on"]
        return [album for one in listed if (album := self._catalogue.album(one))]

    def tracks(self, artist_id: str) -> list[Track]:
        """The recordings an artist performs on."""
        found: dict[str, Track] = {}
        for album_id, _ in self._catalogue.albums_of(artist_id):
            album = self._catalogue.album(album_id)
            for track_id in album.track_ids if album else ():
                track = self._catalogue.track(track_id)
                if track and artist_id in track.artist_ids:
                    found[track_id] = track
        return list(found.values())

    def by_isrc(self, isrc: str) -> list[Track]:
        """The recordings of a code."""
        hits = self._catalogue.search("track", Query(isrc=isrc), offset=0, limit=50)
        return [track for one in hits.ids if (track := self._catalogue.track(one))]

    def thing(self, kind: Kind, mbid: str) -> Artist | Album | Track | None:
        """What an MBID names, when there is such a thing."""
        thing_id = id_behind(kind, mbid)
        if thing_id is None:
            return None
        if kind == "artist":
            return self._catalogue.artist(thing_id)
        if kind == "recording":
            return self._catalogue.track(thing_id)
        return self._catalogue.album(thing_id)

    def artists(self, ids: Iterable[str]) -> list[Artist]:
        """The artists of some ids."""
        return [artist for one in ids if (artist := self._catalogue.artist(one))]

    def _named(self, artist: Artist) -> Json:
        return {
            "id": mbid_of("artist", artist.id),
            "name": artist.name,
            "sort-name": artist.name,
            "disambiguation": "",
        }

    def _credit(self, ids: Sequence[str]) -> list[Json]:
        artists = self.artists(ids)
        return [
            {
                "name": artist.name,
                "joinphrase": " & " if place + 1 < len(artists) else "",
                "artist": self._named(artist),
            }
            for place, artist in enumerate(artists)
        ]

    def _media(self, album: Album, inc: frozenset[str]) -> list[Json]:
        medium: Json = {"position": 1, "format": "Digital Media", "track-count": len(album.track_ids)}
        if "recordings" not in inc:
            return [medium]
        tracks = [track for one in album.track_ids if (track := self._catalogue.track(one))]
        listed = [
            {
                "id": mbid_of("track", track.id),
                "position": track.track_number,
                "number": str(track.track_number),
                "title": track.name,
                "length": track.duration_ms,
                "recording": self.recording(track, inc - {"releases"}),
            }
            for track in tracks
        ]
        return [medium | {"tracks": listed}]


def links(artist: Artist) -> list[tuple[str, str]]:
    """The pages elsewhere of an artist, with what they are."""
    found = [(f"https://www.discogs.com/artist/{key_of(artist.id) % 10**7}", "discogs")]
    if key_of(f"link {artist.id}") % WITHOUT_LINK:
        found.append((f"{SPOTIFY}{artist.id}", "free streaming"))
    return found


def catalogue_number(album: Album) -> str:
    """What a label numbers an album by."""
    return f"TL {key_of(album.id) % 10**5:05}"


def url_id(url: str) -> str:
    """The MBID of a page elsewhere."""
    return mbid_of("url", id_of("url", url)) or ""


def _url_relation(url: str, kind: str) -> Json:
    return {
        "type": kind,
        "target-type": "url",
        "direction": "forward",
        "attributes": [],
        "begin": None,
        "end": None,
        "ended": False,
        "url": {"id": url_id(url), "resource": url},
    }


def _issued(album: Album, label: str) -> Json:
    return {
        "catalog-number": catalogue_number(album),
        "label": {"id": mbid_of("label", id_of("label", label)), "name": label},
    }


def _alias(name: str) -> Json:
    return {"name": name, "sort-name": name, "type": "Artist name", "locale": None, "primary": None}


def _voted(artist: Artist, inc: frozenset[str]) -> Json:
    """What people voted for."""
    entry: Json = {}
    if "tags" in inc:
        entry["tags"] = _votes(artist, [*artist.genres, "seen live"])
    if "genres" in inc:
        entry["genres"] = _votes(artist, artist.genres)
    if "ratings" in inc:
        entry["rating"] = {"value": round((artist.popularity or 50) / 20, 1), "votes-count": 5}
    return entry


def _votes(artist: Artist, names: Sequence[str]) -> list[Json]:
    draw = Draw(key_of(artist.id), 31)
    top = draw.between(10, 40)
    return [{"name": name, "count": max(1, top - 3 * place)} for place, name in enumerate(names)]
