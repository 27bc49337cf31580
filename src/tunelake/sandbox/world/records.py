"""The albums, tracks, features and playlists of the world, each made when it is asked for."""

from __future__ import annotations

from functools import lru_cache

from tunelake.sandbox.catalogue import Album, Features, Playlist, Track
from tunelake.sandbox.draw import Draw, mix
from tunelake.sandbox.places import MARKETS
from tunelake.sandbox.sound import features_of
from tunelake.sandbox.world.codes import ALBUM, ARTIST, PLAYLIST, TRACK, Codes, Ref
from tunelake.sandbox.world.population import Population
from tunelake.sandbox.world.releases import LAST_YEAR, Releases, track_key
from tunelake.sandbox.world.titles import Place, Titles

_SILENT_ARTIST = 0.02  # artists none of whose tracks has features, and tracks of others that have none
_SILENT_TRACK = 0.03
_NO_ISRC = 0.01
_LIMITED = 0.08  # albums sold in a part of the markets only
_REMOVED = 0.01  # items of playlists that are gone
_EXPLICIT = {"hip hop": 0.45, "punk": 0.15, "metal": 0.12, "r&b": 0.15, "latin": 0.15}


class Records:
    """Makes records from numbers."""

    def __init__(self, population: Population, releases: Releases, codes: Codes) -> None:
        self._population = population
        self._releases = releases
        self._codes = codes
        self._seed = population.seed
        english = population.tongues[0]
        vocabularies = [tongue if tongue.title_first else english for tongue in population.tongues]
        self.titles = {
            tongue.key: Titles(tongue, seed=mix(self._seed) + 80 + one)
            for one, tongue in enumerate(vocabularies)
        }
        self._vocabularies = [tongue.key for tongue in vocabularies]
        self.markets = lru_cache(maxsize=8_192)(self._markets_of)
        self.artist_id = lru_cache(maxsize=65_536)(self._artist_id)
        self.artist = lru_cache(maxsize=8_192)(population.artist)
        self.album = lru_cache(maxsize=4_096)(self._album)
        self.track = lru_cache(maxsize=4_096)(self._track)

    def vocabulary(self, rank: int) -> str:
        """The key of the titles an artist uses."""
        return self._vocabularies[self._population.tongue_of(rank)]

    def title(self, place: Place) -> str:
        """The title of an album or a track."""
        return self.titles[self.vocabulary(place.rank)].title(self.first_place(place))

    def first_place(self, place: Place) -> Place:
        """Where a track was first: a compilation's tracks have the titles of their recordings."""
        if place.track is None:
            return place
        return Place(place.rank, *self._recording(place.rank, place.album, place.track))

    def _album(self, rank: int, number: int) -> Album:
        """One album; it must exist."""
        release = self._releases.of(rank)[number]
        group = self._population.group(self._population.group_of(rank))
        ref, draw = Ref(ALBUM, rank, number), Draw(self._seed, 8, rank, number)
        return Album(
            id=self._codes.id(ref),
            name=self.title(Place(rank, number, None)),
            album_type=release.kind,
            artist_ids=(self.artist_id(rank), *self._co_owners(rank, number)),
            release_date=release.date,
            release_date_precision=release.precision,
            track_ids=tuple(self._codes.id(Ref(TRACK, rank, number, one)) for one in range(release.tracks)),
            label=draw.skewed(group.labels),
            upc=self._codes.upc(ref),
            popularity=self.album_popularity(rank, number),
            markets=self.markets(rank, number),
        )

    def _track(self, rank: int, album: int, number: int) -> Track:
        """One track; it must exist."""
        origin = self._recording(rank, album, number)
        recorded = self._releases.of(rank)[origin[0]]
        draw = Draw(track_key(self._seed, rank, *origin))
        group = self._population.group(self._population.group_of(rank))
        guests = (
            self.artist_id(one.guest)
            for one in self._releases.guests(rank)
            if one.album == origin[0] and one.track in {None, origin[1]}
        )
        duration = self.duration_ms(rank, *origin)
        return Track(
            id=self._codes.id(Ref(TRACK, rank, album, number)),
            name=self.title(Place(rank, album, number)),
            album_id=self._codes.id(Ref(ALBUM, rank, album)),
            artist_ids=(self.artist_id(rank), *guests),
            duration_ms=duration,
            track_number=number + 1,
            explicit=draw.chance(_EXPLICIT.get(self._root(group.genres), 0.05)),
            isrc=None
            if draw.chance(_NO_ISRC)
            else self._codes.isrc(group.country, recorded.year, Ref(TRACK, rank, *origin)),
            popularity=self.track_popularity(rank, album, number),
            markets=self.markets(rank, album),
        )

    def album_popularity(self, rank: int, number: int) -> int:
        """0 to 100, at most that of the artist."""
        return int(
            self._population.popularity(rank) * (0.5 + 0.5 * Draw(self._seed, 16, rank, number).unit())
        )

    def track_popularity(self, rank: int, album: int, number: int) -> int:
        """0 to 100, at most that of the artist, less for old recordings; the same on a compilation."""
        album, number = self._recording(rank, album, number)
        age = min(30, LAST_YEAR - self._releases.of(rank)[album].year)
        draw = Draw(track_key(self._seed, rank, album, number), 3)
        return max(0, int(self._population.popularity(rank) * (0.35 + 0.65 * draw.unit()) - age / 3))

    def duration_ms(self, rank: int, album: int, number: int) -> int:
        """The length of a recording."""
        return int(
            205_000
            + 42_000 * max(-3.0, min(6.0, Draw(track_key(self._seed, rank, album, number), 1).normal()))
        )

    def features(self, rank: int, album: int, number: int) -> Features | None:
        """The audio features of a track, or None for the few that have none."""
        key = track_key(self._seed, rank, *self._recording(rank, album, number))
        if Draw(self._seed, 9, rank).chance(_SILENT_ARTIST) or Draw(key, 2).chance(_SILENT_TRACK):
            return None
        group = self._population.group(self._population.group_of(rank))
        return features_of(
            self._codes.id(Ref(TRACK, rank, album, number)),
            genre=group.genres[0],
            artist_key=mix(mix(self._seed) + rank),
            track_key=key,
            duration_ms=self.duration_ms(rank, *self._recording(rank, album, number)),
        )

    def playlist(self, number: int) -> Playlist:
        """One playlist: mostly of one group and its neighbour, some tracks gone, some there twice."""
        draw = Draw(self._seed, 10, number)
        group = draw.below(self._population.groups)
        near = [
            *self._population.members(group),
            *self._population.members((group + 1) % self._population.groups),
        ]
        items = tuple(self._some_track(near, draw) for _ in range(draw.between(20, 120)))
        genre = self._population.group(group).genres[0]
        mood = draw.pick(
            ("Morning", "Late Night", "Road", "Quiet", "Weekend", "Workout", "Rainy Day", "Essential")
        )
        playlist_id = self._codes.id(Ref(PLAYLIST, number))
        return Playlist(
            id=playlist_id,
            name=f"{mood} {genre.title()}",
            description=f"Generated: {genre} and what lies next to it.",
            owner_id=f"sandbox-listener-{number % 50}",
            track_ids=items,
            snapshot_id=f"{mix(number + self._seed):016x}",
        )

    def _some_track(self, ranks: list[int], draw: Draw) -> str | None:
        rank = draw.pick(ranks)
        releases = self._releases.of(rank)
        album = draw.below(len(releases))
        track = draw.below(releases[album].tracks)
        return None if draw.chance(_REMOVED) else self._codes.id(Ref(TRACK, rank, album, track))

    def _recording(self, rank: int, album: int, track: int) -> tuple[int, int]:
        repeats = self._releases.of(rank)[album].repeats
        return repeats[track] if repeats else (album, track)

    def _co_owners(self, rank: int, number: int) -> tuple[str, ...]:
        meetings = self._releases.guests(rank)
        return tuple(
            self.artist_id(one.guest) for one in meetings if (one.album, one.track) == (number, None)
        )

    def _artist_id(self, rank: int) -> str:
        return self._codes.id(Ref(ARTIST, rank))

    def _markets_of(self, rank: int, number: int) -> tuple[str, ...]:
        draw = Draw(self._seed, 13, rank, number)
        if not draw.chance(_LIMITED):
            return MARKETS
        return tuple(market for market in MARKETS if draw.chance(0.5)) or MARKETS[:1]

    @staticmethod
    def _root(genres: tuple[str, ...]) -> str:
        return next((one for one in genres if one in _EXPLICIT), "")
