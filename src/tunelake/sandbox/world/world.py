"""The generated world as a catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from heapq import nsmallest

from tunelake.sandbox.catalogue import (
    About,
    Album,
    AlbumGroup,
    Artist,
    Features,
    Hits,
    Kind,
    Playlist,
    Query,
    Track,
)
from tunelake.sandbox.draw import Draw, key_of, mix
from tunelake.sandbox.found import Found, page
from tunelake.sandbox.places import MARKETS
from tunelake.sandbox.slips import Slips
from tunelake.sandbox.world.codes import ALBUM, ARTIST, PLAYLIST, TRACK, Codes, Ref
from tunelake.sandbox.world.population import Population
from tunelake.sandbox.world.records import Records
from tunelake.sandbox.world.releases import Releases
from tunelake.sandbox.world.search import WorldSearch

_TOP = 10
_RELATED_OWN = 16  # related artists of the own group; those of the next one fill up to twenty
_RELATED = 20
_NEWEST = 100
_LISTED = 100
_FORGIVEN = 2_000  # artists in whose names a search forgives a slip


class World:
    """A world of so many artists, each record made when it is asked for; implements the port `Catalogue`."""

    def __init__(self, *, artists: int, seed: int) -> None:
        self._seed = mix(seed)
        self._codes = Codes(self._seed)
        self._population = Population(size=artists, seed=self._seed, codes=self._codes)
        self._releases = Releases(self._population)
        self._records = Records(self._population, self._releases, self._codes)
        self._search = WorldSearch(self._population, self._releases, self._records, self._codes)
        self._top = lru_cache(maxsize=4_096)(self._top_of)
        self._albums = lru_cache(maxsize=4_096)(self._albums_by)
        self._playlists = max(10, artists // 20)
        self._about = About(label=f"generated world of {artists} artists, seed {seed}", rights="all")

    @property
    def about(self) -> About:
        """What this is, and its rights."""
        return self._about

    def truth(self) -> Iterator[tuple[str, str]]:
        """Every artist's id and planted group, the most popular first."""
        for rank in range(self._population.size):
            yield self._records.artist_id(rank), f"group {self._population.group_of(rank)}"

    def artist(self, artist_id: str) -> Artist | None:
        """One artist."""
        rank = self._rank(artist_id)
        return None if rank is None else self._records.artist(rank)

    def album(self, album_id: str) -> Album | None:
        """One album."""
        ref = self._existing(album_id, ALBUM)
        return None if ref is None else self._records.album(ref.owner, ref.album)

    def track(self, track_id: str) -> Track | None:
        """One track."""
        ref = self._existing(track_id, TRACK)
        return None if ref is None else self._records.track(ref.owner, ref.album, ref.track)

    def features(self, track_id: str) -> Features | None:
        """Audio features of one track; some tracks have none."""
        ref = self._existing(track_id, TRACK)
        return None if ref is None else self._records.features(ref.owner, ref.album, ref.track)

    def playlist(self, playlist_id: str) -> Playlist | None:
        """One playlist."""
        ref = self._codes.ref(playlist_id)
        known = ref is not None and ref.kind == PLAYLIST and ref.owner < self._playlists
        return self._records.playlist(ref.owner) if ref is not None and known else None

    def albums_of(self, artist_id: str) -> Sequence[tuple[str, AlbumGroup]]:
        """Own albums newest first, then those with others, then those the artist is only heard on."""
        rank = self._rank(artist_id)
        return () if rank is None else self._albums(rank)

    def top_tracks(self, artist_id: str, market: str) -> Sequence[str]:
        """The most popular recordings, each once; tastes differ a little between markets."""
        rank = self._rank(artist_id)
        return () if rank is None else self._top(rank, market)

    def related(self, artist_id: str) -> Sequence[str]:
        """Mostly artists of the same planted group, then some of the next one."""
        rank = self._rank(artist_id)
        if rank is None:
            return ()
        group = self._population.group_of(rank)
        draw = Draw(self._seed, 15, rank)
        own = draw.shuffled([one for one in self._population.members(group) if one != rank])[:_RELATED_OWN]
        following = (group + 1) % self._population.groups
        others = draw.shuffled(self._population.members(following)) if following != group else []
        return tuple(self._records.artist_id(one) for one in (*own, *others)[:_RELATED])

    def new_releases(self) -> Sequence[str]:
        """The newest albums of the most popular artists."""
        newest: list[tuple[str, str]] = []
        for rank in range(min(self._population.size, 3 * _NEWEST)):
            releases = self._releases.of(rank)
            newest.append((releases[-1].date, self._codes.id(Ref(ALBUM, rank, len(releases) - 1))))
        return tuple(album_id for _, album_id in sorted(newest, reverse=True)[:_NEWEST])

    def playlists(self) -> Sequence[str]:
        """The first hundred playlists."""
        return tuple(self._codes.id(Ref(PLAYLIST, one)) for one in range(min(_LISTED, self._playlists)))

    def markets(self) -> Sequence[str]:
        """ISO 3166-1 alpha-2 codes."""
        return MARKETS

    def search(self, kind: Kind, query: Query, *, offset: int, limit: int) -> Hits:
        """Matches of a query, exact names first, then the most popular."""
        return page([self.find(kind, query)], offset=offset, limit=limit)

    def find(self, kind: Kind, query: Query) -> Found:
        """All matches of a query."""
        return self._search.find(kind, query)

    def near(self, text: str) -> Sequence[str]:
        """Ids of artists, the most popular alone, whose names are a slip or two from a text."""
        return self._slips.near(text)

    @cached_property
    def _slips(self) -> Slips:
        artists = (self._records.artist(rank) for rank in range(min(self._population.size, _FORGIVEN)))
        return Slips((one.id, (one.name, *one.aliases)) for one in artists)

    def _albums_by(self, rank: int) -> tuple[tuple[str, AlbumGroup], ...]:
        found: dict[str, AlbumGroup] = {}
        for number, release in reversed(list(enumerate(self._releases.of(rank)))):
            found[self._codes.id(Ref(ALBUM, rank, number))] = release.kind
        meetings = self._releases.meetings_as_guest(rank)
        for one in sorted(meetings, key=lambda one: one.track is not None):
            group: AlbumGroup = "appears_on"
            if one.track is None:
                group = self._releases.of(one.host)[one.album].kind
            found.setdefault(self._codes.id(Ref(ALBUM, one.host, one.album)), group)
        return tuple(found.items())

    def _top_of(self, rank: int, market: str) -> tuple[str, ...]:
        taste = Draw(self._seed, 14, key_of(market), rank)
        scored: list[tuple[int, int, int]] = []
        for album, release in enumerate(self._releases.of(rank)):
            if release.repeats or market not in self._records.markets(rank, album):
                continue
            for number in range(release.tracks):
                liking = taste.then(album, number).below(8)
                popularity = self._records.track_popularity(rank, album, number)
                scored.append((-popularity - liking, album, number))
        return tuple(
            self._codes.id(Ref(TRACK, rank, album, number)) for _, album, number in nsmallest(_TOP, scored)
        )

    def _rank(self, artist_id: str) -> int | None:
        ref = self._codes.ref(artist_id)
        if ref is None or ref.kind != ARTIST or ref.owner >= self._population.size:
            return None
        return ref.owner

    def _existing(self, text: str, kind: int) -> Ref | None:
        """The album or track of an id, when there is one."""
        ref = self._codes.ref(text)
        if ref is None or ref.kind != kind or ref.owner >= self._population.size:
            return None
        releases = self._releases.of(ref.owner)
        if ref.album >= len(releases):
            return None
        return ref if kind == ALBUM or ref.track < releases[ref.album].tracks else None
