"""A person's own catalogue: a folder of files, read whole into memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Album, Artist, DatePrecision, Features, Playlist, Track
from tunelake.sandbox.files.about import Said, read_about
from tunelake.sandbox.files.fields import TABLES, Record, bad_cell
from tunelake.sandbox.files.rows import file_of, rows_of
from tunelake.sandbox.ids import id_of, is_id
from tunelake.sandbox.memory import Holding, MemoryCatalogue

Owner = Literal["artist", "album", "track", "playlist"]

_UNKNOWN_DATE = "0000"
_PRECISIONS: dict[int, DatePrecision] = {4: "year", 7: "month", 10: "day"}
_FEATURES = tuple(TABLES["features"])


def own_catalogue(directory: Path) -> MemoryCatalogue:
    """Read a folder of files into a catalogue.

    Raises:
        ConfigError: When a file is missing or wrong; it names file, row and column.
    """
    if not directory.is_dir():
        raise ConfigError(f"{directory} is no folder; give the one with the files of your catalogue")
    if file_of(directory, "artists") is None:
        raise ConfigError(f"{directory} has no artists.parquet or artists.csv; a catalogue starts with it")
    said = read_about(directory)
    holding = _Reading(directory, said).read()
    return MemoryCatalogue(holding, said.about(directory), said.markets)


@lru_cache(maxsize=65_536)
def given_id(owner: Owner, text: str) -> str:
    """An id as it was given when it has the shape of one, else one made from it."""
    text = text.strip()
    return text if is_id(text) else id_of("own", owner, text)


class _Reading:
    """Reads the tables in the order in which they lean on each other."""

    def __init__(self, directory: Path, said: Said) -> None:
        self._directory = directory
        self._said = said
        self._holding = Holding()

    def read(self) -> Holding:
        """Everything in the folder."""
        self._artists()
        albums = self._album_rows()
        self._tracks(albums)
        self._albums(albums)
        self._features()
        self._playlists()
        self._related()
        return self._holding

    def _artists(self) -> None:
        for row, record in rows_of(self._directory, "artists"):
            artist_id = given_id("artist", record.pop("artist_id", record["name"]))
            self._once("artists", row, "artist_id", artist_id in self._holding.artists)
            self._holding.artists[artist_id] = Artist(id=artist_id, **record)

    def _album_rows(self) -> dict[str, Record]:
        """The rows of albums by id, not yet records: a record names its tracks."""
        found: dict[str, Record] = {}
        for row, record in rows_of(self._directory, "albums"):
            album_id = given_id("album", record.pop("album_id"))
            self._once("albums", row, "album_id", album_id in found)
            artists = record.get("artist_ids", ())
            found[album_id] = record | {"artist_ids": self._known("albums", row, "artist_ids", artists)}
        return found

    def _tracks(self, albums: dict[str, Record]) -> None:
        counts: defaultdict[str, int] = defaultdict(int)
        for row, record in rows_of(self._directory, "tracks"):
            album_id = given_id("album", record["album_id"])
            if album_id not in albums:
                raise self._bad("tracks", row, "album_id", f"{record['album_id']!r} is not in albums; add it")
            track_id = given_id("track", record.pop("track_id", f"{album_id}\n{record['name']}"))
            self._once("tracks", row, "track_id", track_id in self._holding.tracks)
            artists = self._known("tracks", row, "artist_ids", record.get("artist_ids", ()))
            artists = artists or albums[album_id]["artist_ids"]
            if not artists:
                raise self._bad(
                    "tracks", row, "artist_ids", "is empty, and so is the album's; fill one of them"
                )
            counts[album_id] += 1
            values: Record = {
                "duration_ms": 0,
                "track_number": counts[album_id],
                "markets": self._said.markets,
            }
            values |= record | {"album_id": album_id, "artist_ids": artists}
            self._holding.tracks[track_id] = Track(id=track_id, **values)

    def _albums(self, albums: dict[str, Record]) -> None:
        on: defaultdict[str, list[Track]] = defaultdict(list)
        for track in self._holding.tracks.values():
            on[track.album_id].append(track)
        for album_id, record in albums.items():
            tracks = sorted(on[album_id], key=lambda track: (track.disc_number, track.track_number))
            heard = dict.fromkeys(artist for track in tracks for artist in track.artist_ids)
            date = record.get("release_date", _UNKNOWN_DATE)
            values: Record = {"album_type": "album", "markets": self._said.markets} | record
            values |= {
                "artist_ids": record["artist_ids"] or tuple(heard),
                "release_date": date,
                "release_date_precision": _PRECISIONS[len(date)],
                "track_ids": tuple(track.id for track in tracks),
            }
            self._holding.albums[album_id] = Album(id=album_id, **values)

    def _features(self) -> None:
        for row, record in rows_of(self._directory, "features"):
            track_id = self._track("features", row, record["track_id"])
            self._once("features", row, "track_id", track_id in self._holding.features)
            values = dict.fromkeys(_FEATURES) | record | {"track_id": track_id}
            self._holding.features[track_id] = msgspec.convert(values, Features)

    def _playlists(self) -> None:
        playlists: dict[str, Record] = {}
        for row, record in rows_of(self._directory, "playlists"):
            playlist_id = given_id("playlist", record.pop("playlist_id"))
            self._once("playlists", row, "playlist_id", playlist_id in playlists)
            playlists[playlist_id] = {"description": "", "owner_id": "owner"} | record
        items: defaultdict[str, list[str | None]] = defaultdict(list)
        for row, record in rows_of(self._directory, "playlist_items"):
            playlist_id = given_id("playlist", record["playlist_id"])
            if playlist_id not in playlists:
                what = f"{record['playlist_id']!r} is not in playlists; add it"
                raise self._bad("playlist_items", row, "playlist_id", what)
            track = record.get("track_id")
            items[playlist_id].append(None if track is None else self._track("playlist_items", row, track))
        for playlist_id, record in playlists.items():
            tracks = tuple(items[playlist_id])
            snapshot = id_of("snapshot", playlist_id, *(one or "" for one in tracks))
            self._holding.playlists[playlist_id] = Playlist(
                id=playlist_id, track_ids=tracks, snapshot_id=snapshot, **record
            )

    def _related(self) -> None:
        near: defaultdict[str, list[str]] = defaultdict(list)
        for row, record in rows_of(self._directory, "related"):
            (artist,) = self._known("related", row, "artist_id", [record["artist_id"]])
            near[artist].extend(self._known("related", row, "related_id", [record["related_id"]]))
        self._holding.related.update({artist: tuple(dict.fromkeys(ids)) for artist, ids in near.items()})

    def _known(self, table: str, row: int, column: str, texts: Iterable[str]) -> tuple[str, ...]:
        """The ids of artists, which must all be there."""
        ids = {text: given_id("artist", text) for text in texts}
        for text, artist_id in ids.items():
            if artist_id not in self._holding.artists:
                raise self._bad(table, row, column, f"{text!r} is not in artists; add it")
        return tuple(ids.values())

    def _track(self, table: str, row: int, text: str) -> str:
        track_id = given_id("track", text)
        if track_id not in self._holding.tracks:
            raise self._bad(table, row, "track_id", f"{text!r} is not in tracks; add it")
        return track_id

    def _once(self, table: str, row: int, column: str, known: bool) -> None:
        if known:
            what = "is the same as in an earlier row; give each its own, or remove one of the rows"
            raise self._bad(table, row, column, what)

    def _bad(self, table: str, row: int, column: str, what: str) -> ConfigError:
        path = file_of(self._directory, table)
        return bad_cell(path.name if path else table, row, column, what)
