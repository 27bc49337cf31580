"""The generated world: the same everywhere, at any size."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import islice
from typing import get_args

import pytest

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Artist, Kind, Query
from tunelake.sandbox.names import exactness, matches
from tunelake.sandbox.open import open_catalogue, open_world
from tunelake.sandbox.world.world import World

LARGE = 1_000_000
PRINT = """
import json
from tunelake.sandbox.open import open_world
world = open_world(artists=50, seed=9)
ids = [one for one, _ in world.truth()]
records = [(world.artist(one), world.albums_of(one), world.top_tracks(one, 'KR')) for one in ids]
print(json.dumps([repr(one) for one in records]))
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World(artists=1_000, seed=7)


@pytest.fixture(scope="module")
def artists(world: World) -> list[Artist]:
    found = [world.artist(one) for one, _ in world.truth()]
    return [one for one in found if one is not None]


def test_two_processes_see_the_same_world() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(json.loads(answers[0])) == 50
    assert answers[0] == answers[1]


def test_another_seed_is_another_world(artists: list[Artist]) -> None:
    other = World(artists=1_000, seed=8)
    assert other.artist(artists[0].id) is None
    names = {artist.name for _, artist in zip(range(20), artists, strict=False)}
    assert names != {getattr(other.artist(one), "name", "") for one, _ in islice(other.truth(), 20)}


def test_ids_are_all_different(world: World, artists: list[Artist]) -> None:
    assert len({artist.id for artist in artists}) == 1_000
    albums = [one for artist in artists[:200] for one, _ in world.albums_of(artist.id)]
    assert len(set(albums)) > 400


def test_it_speaks_many_scripts(artists: list[Artist]) -> None:
    ranges = {
        "latin": ("A", "z"),
        "greek": ("Α", "ω"),
        "cyrillic": ("А", "я"),
        "arabic": ("\u0621", "\u064a"),
        "devanagari": ("\u0905", "\u0939"),
        "kana": ("\u3041", "\u30ff"),
        "han": ("\u4e00", "\u9fff"),
        "hangul": ("\uac00", "\ud7a3"),
    }
    counts = Counter(
        script
        for artist in artists
        for script, (first, last) in ranges.items()
        if first <= artist.name[-1] <= last
    )
    assert all(counts[script] >= 20 for script in ranges), counts
    foreign = [artist for artist in artists if not artist.name[0] < "\u0250"]
    assert all(artist.aliases and artist.aliases[0].isascii() for artist in foreign)


def test_few_are_famous(artists: list[Artist]) -> None:
    popularity = [artist.popularity or 0 for artist in artists]
    assert popularity == sorted(popularity, reverse=True)
    assert popularity[0] > 90
    assert sum(one > 50 for one in popularity) < 50
    assert sum(one < 20 for one in popularity) > 500


def test_some_share_a_name_and_few_do(artists: list[Artist]) -> None:
    counts = Counter(artist.name for artist in artists)
    assert 0 < sum(count > 1 for count in counts.values()) < 20


def test_genres_are_none_to_four(artists: list[Artist]) -> None:
    assert {len(artist.genres) for artist in artists} == {0, 1, 2, 3, 4}


def test_the_truth_is_in_the_related_artists_and_the_sound(world: World) -> None:
    truth = dict(world.truth())
    sizes = Counter(truth.values())
    assert len(sizes) == 40
    assert set(sizes.values()) == {25}
    shares = [
        sum(truth[other] == group for other in world.related(artist)) / len(world.related(artist))
        for artist, group in islice(truth.items(), 100)
    ]
    assert min(shares) > 0.6
    inside: defaultdict[str, list[float]] = defaultdict(list)
    for artist, group in islice(truth.items(), 400):
        for track in world.top_tracks(artist, "US")[:3]:
            features = world.features(track)
            if features is not None and features.energy is not None:
                inside[group].append(features.energy)
    means = [sum(values) / len(values) for values in inside.values() if len(values) > 10]
    spread = max(means) - min(means)
    within = [abs(one - sum(v) / len(v)) for v in inside.values() if len(v) > 10 for one in v]
    assert spread > 3 * sum(within) / len(within)


def test_dates_codes_gaps_and_collaborations(world: World, artists: list[Artist]) -> None:
    precisions: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    isrcs: defaultdict[str, set[str]] = defaultdict(set)
    silent = several = single = 0
    for artist in artists[:300]:
        listed = world.albums_of(artist.id)
        groups.update(group for _, group in listed)
        albums = [album for one, _ in listed if (album := world.album(one)) is not None]
        precisions.update(album.release_date_precision for album in albums)
        tracks = [track for album in albums for one in album.track_ids if (track := world.track(one))]
        single += len(tracks) == 1
        several += sum(len(track.artist_ids) > 1 for track in tracks)
        silent += sum(world.features(track.id) is None for track in tracks)
        for track in tracks:
            if track.isrc:
                isrcs[track.isrc].add(f"{track.name} {track.duration_ms}")
    assert set(precisions) == {"year", "month", "day"}
    assert set(groups) == {"album", "single", "compilation", "appears_on"}
    assert silent
    assert several
    assert single
    assert all(len(recordings) == 1 for recordings in isrcs.values())


def test_markets_differ_in_taste(world: World, artists: list[Artist]) -> None:
    assert any(world.top_tracks(one.id, "US") != world.top_tracks(one.id, "JP") for one in artists[:20])


@pytest.mark.parametrize(
    "text", ["a", "the", "mar", "trio silver", "별", "花", "そら", "sora", "ван", "trío"]
)
def test_search_finds_what_reading_everything_finds(world: World, artists: list[Artist], text: str) -> None:
    wanted = [
        (min(1, exactness(text, (one.name, *one.aliases)) // 2), place, one.id)
        for place, one in enumerate(artists)
        if matches(text, one.name, *one.aliases) or exactness(text, (one.name, *one.aliases)) < 2
    ]
    hits = world.search("artist", Query(text=text), offset=0, limit=1_000)
    assert list(hits.ids) == [artist_id for _, _, artist_id in sorted(wanted)]


def test_titles_find_what_reading_everything_finds() -> None:
    small = World(artists=120, seed=5)
    ids = [one for one, _ in small.truth()]
    albums = {one for artist in ids for one, _ in small.albums_of(artist)}
    tracks = [one for album in albums for one in getattr(small.album(album), "track_ids", ())]
    names = {one: getattr(small.track(one), "name", "") for one in tracks}
    some = sorted(set(names.values()))[::150]
    assert len(some) > 5
    for title in (*some, "midnight", "夜", "song"):
        hits = small.search("track", Query(track=title), offset=0, limit=50_000)
        assert set(hits.ids) == {one for one, name in names.items() if matches(title, name)}, title


def test_a_million_artists_cost_nothing_until_asked_for() -> None:
    world = World(artists=LARGE, seed=7)
    ids = [one for one, _ in islice(world.truth(), 0, 40)]
    for artist_id in ids:
        artist = world.artist(artist_id)
        assert artist is not None
        hits = world.search("artist", Query(text=artist.name), offset=0, limit=10)
        assert artist_id in hits.ids


BROAD = [
    *(Query(text=text) for text in ("a", "s", "the", "live", "a b", "a qzxjwv", "the a b c d e f g h i j")),
    *(Query(genre=genre) for genre in ("rock", "a")),
    Query(year_from=1990, year_to=2010),
    Query(year_from=1900, year_to=1900, genre="rock"),
    Query(track="a"),
    Query(album="a"),
    Query(artist="a"),
]


@pytest.mark.parametrize("size", [1_000, LARGE])
def test_broad_searches_look_at_so_much_and_no_more(size: int) -> None:
    large = World(artists=size, seed=7)
    for query in BROAD:
        for kind in get_args(Kind):
            hits = large.search(kind, query, offset=0, limit=20)
            assert len(hits.ids) == min(20, hits.total)
            assert hits.total <= 1_020


def test_a_broad_search_finds_the_most_popular(world: World) -> None:
    ranks = {artist_id: rank for rank, (artist_id, _) in enumerate(world.truth())}
    for query in (Query(genre="rock"), Query(year_from=2000, year_to=2005), Query(text="s")):
        hits = world.search("track", query, offset=0, limit=20)
        found = [track for one in hits.ids if (track := world.track(one)) is not None]
        assert len(found) == 20
        popularity = [track.popularity or 0 for track in found]
        assert popularity == sorted(popularity, reverse=True)
        assert all(min(ranks[one] for one in track.artist_ids) < 300 for track in found)


def test_among_a_million_a_name_and_a_title_find_their_track() -> None:
    large = World(artists=LARGE, seed=7)
    for artist_id, _ in islice(large.truth(), 5_000, 5_400, 40):
        artist = large.artist(artist_id)
        track = large.track(large.top_tracks(artist_id, "US")[0]) if artist else None
        album = large.album(track.album_id) if track else None
        assert artist is not None
        assert track is not None
        assert album is not None
        for query in (
            Query(text=f"{artist.name} {track.name}"),
            Query(text=f"{track.name} {artist.name}"),
            Query(artist=artist.name, track=track.name),
            Query(isrc=track.isrc) if track.isrc else Query(artist=artist.name, album=album.name),
        ):
            assert track.id in large.search("track", query, offset=0, limit=50).ids, query
        assert album.id in large.search("album", Query(upc=album.upc), offset=0, limit=5).ids


def test_what_is_remembered_is_what_is_made_anew(world: World, artists: list[Artist]) -> None:
    again = World(artists=1_000, seed=7)
    asked = [(artist.id, market) for artist in artists[:40] for market in ("US", "JP")]
    charts = {one: world.top_tracks(*one) for one in asked}
    assert len(set(charts.values())) > 40
    for artist_id, market in reversed(asked):
        chart = charts[artist_id, market]
        assert chart == world.top_tracks(artist_id, market) == again.top_tracks(artist_id, market)
        assert world.albums_of(artist_id) == world.albums_of(artist_id) == again.albums_of(artist_id)
        assert all(artist_id in track.artist_ids for one in chart if (track := world.track(one)))


@pytest.mark.parametrize("artists", [0, -1, 10**9])
def test_a_number_out_of_range_is_refused(artists: int) -> None:
    with pytest.raises(ConfigError, match="give a number from 1"):
        open_world(artists=artists, seed=1)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 25, 41])
def test_small_worlds_are_whole(size: int) -> None:
    catalogue = open_catalogue(artists=size, seed=2, directory=None)
    world = World(artists=size, seed=2)
    ids = [one for one, _ in world.truth()]
    assert len(set(ids)) == size
    for one in ids:
        assert catalogue.artist(one) is not None
        assert catalogue.albums_of(one)
        assert len(set(world.related(one))) == len(world.related(one))
