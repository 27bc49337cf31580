"""What a page holds, gathered by kind with each object once, then turned into tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from tunelake.domain.rows import Rejected, Rows
from tunelake.sources.spotify import columns, wire
from tunelake.sources.spotify.markets import MarketSets

Object = TypeVar("Object", wire.Artist, wire.Album, wire.Track, wire.Features, wire.Playlist)


class Gathered:
    """The objects of one page. Mentions come from other objects; whole ones win over them."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._artists: dict[str, wire.Artist] = {}
        self._mentioned: dict[str, wire.Artist] = {}
        self._albums: dict[str, wire.Album] = {}
        self._tracks: dict[str, wire.Track] = {}
        self._features: dict[str, wire.Features] = {}
        self._playlists: dict[str, wire.Playlist] = {}

    def artists(self, artists: Iterable[wire.Artist | None], where: str) -> list[str]:
        """Take whole artists; returns their ids in the order given."""
        kept = self._keyed(artists, where)
        self._artists.update((a.id, a) for a in kept if a.id)
        return [a.id for a in kept if a.id]

    def albums(self, albums: Iterable[wire.Album | None], where: str) -> list[str]:
        """Take albums, with the tracks that whole ones hold."""
        kept = self._keyed(albums, where)
        self._albums.update((a.id, a) for a in kept if a.id)
        for index, album in enumerate(kept):
            if album.tracks and album.tracks.items:
                items, album.tracks = album.tracks.items, None
                # Tracks point to their album from here on; the way back is cut, since a circle of
                # objects that the collector does not watch would never be freed.
                self.album_tracks(album, items, f"{where}[{index}].tracks.items")
        return [a.id for a in kept if a.id]

    def album_tracks(self, album: wire.Album, tracks: Iterable[wire.Track | None], where: str) -> None:
        """Take tracks that stand in an album and so do not name it."""
        kept = self._keyed(tracks, where)
        for track in kept:
            track.album = album
        self._tracks.update((t.id, t) for t in kept if t.id)

    def tracks(self, tracks: Iterable[wire.Track | None], where: str) -> list[str]:
        """Take tracks with the albums inside them; returns their ids in the order given."""
        kept = self._keyed(tracks, where)
        self._tracks |= {t.id: t for t in kept if t.id}
        # An album that came whole is not replaced by its mention in a track.
        mentioned = {t.album.id: t.album for t in kept if t.album and t.album.id}
        self._albums = mentioned | self._albums
        return [t.id for t in kept if t.id]

    def features(self, features: Iterable[wire.Features | None], where: str) -> None:
        """Take audio features."""
        self._features.update((f.id, f) for f in self._keyed(features, where) if f.id)

    def playlists(self, playlists: Iterable[wire.Playlist | None], where: str) -> None:
        """Take playlists, without their items."""
        self._playlists.update((p.id, p) for p in self._keyed(playlists, where) if p.id)

    def playlist_items(self, playlist_id: str, page: wire.Paged[wire.Entry], where: str) -> None:
        """Take the items of a playlist and the tracks they are."""
        entries = page.items or []
        self.rows.tables["playlist_items"] = columns.playlist_items(playlist_id, page.offset or 0, entries)
        if not entries and page.total == 0:
            self.rows.empty_sets["playlist_items"] = [(playlist_id,)]
        if page.offset or page.next or len(entries) < (page.total or 0):
            self.rows.partial = {"playlist_items"}
        found = [(entry.item or entry.track) for entry in entries if entry]
        self.tracks([one for one in found if one and one.id and columns.is_track(one)], where)

    def reject(self, where: str, reason: str) -> None:
        """Name something that cannot become a row."""
        self.rows.rejected.append(Rejected(where=where, reason=reason))

    def finish(self) -> Rows:
        """Turn everything taken into tables and empty sets."""
        tables, albums, tracks = self.rows.tables, list(self._albums.values()), list(self._tracks.values())
        markets = MarketSets(self.reject)
        if tracks:
            tables["tracks"] = columns.tracks(tracks) | markets.column(tracks)
            tables["track_artists"] = columns.credits_of("track_id", tracks)
            self._mentioned |= {a.id: a for t in tracks if t.artists for a in t.artists if a.id}
            self._nobody("track_artists", tracks)
        if albums:
            tables["albums"] = columns.albums(albums) | markets.column(albums)
            tables["album_artists"] = columns.credits_of("album_id", albums)
            self._mentioned |= {a.id: a for b in albums if b.artists for a in b.artists if a.id}
            self._nobody("album_artists", albums)
        tables["market_sets"] = markets.table()
        self._finish_artists()
        if self._features:
            tables["audio_features"] = columns.audio_features(list(self._features.values()))
        if self._playlists:
            tables["playlists"] = columns.playlists(list(self._playlists.values()))
        self.rows.tables = {name: table for name, table in tables.items() if next(iter(table.values()))}
        return self.rows

    def _finish_artists(self) -> None:
        artists = list((self._mentioned | self._artists).values())
        if not self._artists:
            if artists:
                self.rows.tables["artists"] = columns.mentions(artists)
            return
        self.rows.tables["artists"] = columns.whole_artists(artists)
        self.rows.tables["artist_genres"] = columns.artist_genres(artists)
        without = [(a.id,) for a in artists if a.genres == []]
        if without:
            self.rows.empty_sets["artist_genres"] = without

    def _nobody(self, table: str, objects: Iterable[wire.Track] | Iterable[wire.Album]) -> None:
        without = [(o.id,) for o in objects if o.artists == []]
        if without:
            self.rows.empty_sets[table] = without

    def _keyed(self, objects: Iterable[Object | None], where: str) -> list[Object]:
        everything = list(objects)
        kept = [one for one in everything if one is not None and one.id]
        if len(kept) != len(everything):
            for index, one in enumerate(everything):
                if one is not None and not one.id:
                    local = getattr(one, "is_local", None) is True
                    self.reject(f"{where}[{index}]", "a local file has no id" if local else "no id")
        return kept
