"""The shapes of answers equal those recorded from the real API, key by key."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.refusals import limited

pytestmark = pytest.mark.shared
Get = Callable[..., Any]

# Values that may be null by the description of the API, though no recording shows it.
NULLABLE = {"preview_url", "next", "previous", "item", "track"}


# A map whose keys are what happens to be known: an ISRC, a UPC, nothing.
OPEN = "external_ids"


class Shape:
    """What is under each path of some answers: the keys of its objects, the types of its values."""

    def __init__(self, *answers: Any) -> None:
        self.keys: dict[str, list[frozenset[str]]] = defaultdict(list)
        self.types: dict[str, set[str]] = defaultdict(set)
        for answer in answers:
            for path, value in _walk("", answer):
                self.types[path].add(_type(value))
                if isinstance(value, dict) and path.rpartition(".")[2] != OPEN:
                    self.keys[path].append(frozenset(value))

    def always_there(self) -> list[str]:
        """The paths of objects that no object above them goes without."""
        optional = [
            f"{path}.{key}"
            for path, sets in self.keys.items()
            for key in frozenset.union(*sets) - _always(sets)
        ]
        return [path for path in self.keys if not any(path.startswith(one) for one in optional)]


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(f"{path}.{key}", one)
    if isinstance(value, list):
        for one in value:
            yield from _walk(f"{path}[]", one)


def _always(sets: list[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*sets)


def _type(value: Any) -> str:
    return "number" if type(value) in (int, float) else type(value).__name__


def differences(ours: Any, *recorded: Any) -> list[str]:
    """Paths that are missing, unknown or of another type than in the recordings."""
    mine, theirs = Shape(ours), Shape(*recorded)
    found = [f"{path} was never reached" for path in theirs.always_there() if path not in mine.keys]
    for path, sets in mine.keys.items():
        if path not in theirs.keys:
            found.append(f"{path} is an object only here")
            continue
        always = _always(theirs.keys[path])
        ever = frozenset.union(*theirs.keys[path])
        for keys in sets:
            found += [f"{path}.{key} is missing" for key in always - keys]
            found += [f"{path}.{key} is unknown" for key in keys - ever]
    for path, types in mine.types.items():
        allowed = set(theirs.types.get(path, types))
        if path.rpartition(".")[2] in NULLABLE:
            allowed |= {"NoneType", "str"}
        found += [f"{path} is {one}, not {allowed}" for one in types - allowed]
    return sorted(set(found))


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> Callable[[str], Any]:
    def read(name: str) -> Any:
        return json.loads((shared_data / "spotify_responses" / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture(scope="module")
def ids(catalogue: Catalogue, extended: Get) -> dict[str, str]:
    """Ids of things that have everything that the recorded ones have."""
    artist = extended("/search?q=BTS&type=artist")["artists"]["items"][0]["id"]
    track = extended(f"/artists/{artist}/top-tracks?market=US")["tracks"][0]
    return {
        "artist": artist,
        "track": track["id"],
        "album": track["album"]["id"],
        "playlist": catalogue.playlists()[0],
        "unknown": "z" * 22,
    }


CASES = [
    ("before_2026-03/albums", "/albums?ids={album}"),
    ("before_2026-03/artist", "/artists/{artist}"),
    ("before_2026-03/artist_albums", "/artists/{artist}/albums?limit=1"),
    ("before_2026-03/artist_top_tracks", "/artists/{artist}/top-tracks?market=US"),
    ("before_2026-03/artists", "/artists?ids={artist}"),
    ("before_2026-03/audio_features", "/audio-features/{track}"),
    ("before_2026-03/get_album", "/albums/{album}"),
    ("before_2026-03/album_tracks", "/albums/{album}/tracks"),
    ("before_2026-03/new_releases", "/browse/new-releases?limit=1"),
    ("before_2026-03/playlist_items", "/playlists/{playlist}/tracks"),
    ("before_2026-03/playlist_not_found", "/playlists/{unknown}"),
    ("after_2026-03/artist", "/artists/{artist}"),
    ("after_2026-03/artist_albums", "/artists/{artist}/albums?limit=1"),
    ("after_2026-03/audio_features", "/audio-features/{track}"),
    ("after_2026-03/get_album", "/albums/{album}"),
    ("after_2026-03/album_tracks", "/albums/{album}/tracks"),
    ("after_2026-03/playlist_1", "/playlists/{playlist}"),
    ("after_2026-03/playlist_items", "/playlists/{playlist}/items"),
    ("after_2026-03/playlist_not_found", "/playlists/{unknown}"),
    ("after_2026-03/search", "/search?q=BTS&type=track&market=US&limit=5"),
]


@pytest.mark.parametrize(("name", "path"), CASES, ids=[name for name, _ in CASES])
def test_shapes(
    name: str, path: str, recorded: Callable[[str], Any], ids: dict[str, str], extended: Get
) -> None:
    answer = extended(path.format(**ids), 404 if name.endswith("not_found") else 200)
    assert differences(answer, recorded(name)) == []


def test_search_before(recorded: Callable[[str], Any], extended: Get) -> None:
    kinds = ("tracks", "artists", "albums")
    theirs = {kind: recorded("before_2026-03/search")[kind] for kind in kinds}
    ours = extended("/search?q=BTS&type=track,artist,album&market=US&limit=20")
    assert differences(ours, theirs) == []


def test_a_playlist_before(recorded: Callable[[str], Any], ids: dict[str, str], extended: Get) -> None:
    ours = extended(f"/playlists/{ids['playlist']}")
    del ours["items"]
    for one in ours["tracks"]["items"]:
        del one["item"]
    assert differences(ours, recorded("before_2026-03/playlist_1")) == []


@pytest.mark.parametrize("age", ["before", "after"])
def test_rate_limit(age: str, recorded: Callable[[str], Any]) -> None:
    assert limited(1).body() == recorded(f"{age}_2026-03/rate_limit")


@pytest.mark.parametrize("age", ["before", "after"])
def test_not_found_word_for_word(
    age: str, recorded: Callable[[str], Any], ids: dict[str, str], extended: Get
) -> None:
    expected = recorded(f"{age}_2026-03/playlist_not_found")
    assert extended(f"/playlists/{ids['unknown']}", 404) == expected


def test_a_missing_key_an_unknown_key_and_another_type_are_noticed(
    recorded: Callable[[str], Any], ids: dict[str, str], extended: Get
) -> None:
    answer = extended(f"/artists/{ids['artist']}")
    answer["images"][0]["wide"] = answer["images"][0].pop("width")
    answer["popularity"] = "high"
    assert differences(answer, recorded("before_2026-03/artist")) == [
        ".images[].wide is unknown",
        ".images[].width is missing",
        ".popularity is str, not {'number'}",
    ]
