"""Made-up full track objects in the shape of the Spotify Web API, about 3.5 KB each, always the same ones."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tunelake.domain.pages import Page, fingerprint, page_id

PAGE = 50
START = datetime(2026, 1, 1, tzinfo=UTC)
_BASE62 = string.digits + string.ascii_letters
_MARKETS = [first + second for first in "ABCDEFGHIJKLMN" for second in "ACEGIKMOQSUVXZ"][:185]
_PARTLY = 0.1


def _id(dice: random.Random) -> str:
    return "".join(dice.choices(_BASE62, k=22))


def _entity(kind: str, entity_id: str, name: str) -> dict[str, Any]:
    return {
        "external_urls": {"spotify": f"https://example.org/{kind}/{entity_id}"},
        "href": f"https://example.org/v1/{kind}s/{entity_id}",
        "id": entity_id,
        "name": name,
        "type": kind,
        "uri": f"sandbox:{kind}:{entity_id}",
    }


def _words(dice: random.Random) -> str:
    syllables = ("ka", "lo", "mi", "ren", "tu", "sha", "vo", "né", "별", "ria", "øst", "den")
    return " ".join(
        "".join(dice.choices(syllables, k=dice.randint(2, 4))).title() for _ in range(dice.randint(1, 3))
    )


def _sold_in(dice: random.Random) -> list[str]:
    """Most albums are sold everywhere, one in ten in all but a few markets, each in others."""
    left_out = set(dice.sample(_MARKETS, k=dice.randint(1, 20))) if dice.random() < _PARTLY else set()
    return [market for market in _MARKETS if market not in left_out]


def tracks(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Make track objects; artists and albums recur as in a real catalogue (about ten tracks an album)."""
    dice, places = random.Random(seed), random.Random(seed)
    artists = [_entity("artist", _id(dice), _words(dice)) for _ in range(max(1, count // 40))]
    album: dict[str, Any] = {}
    markets = _MARKETS
    for number in range(count):
        if number % 10 == 0:
            entity = _entity("album", _id(dice), _words(dice))
            markets = _sold_in(places)
            album = entity | {
                "album_type": "album",
                "artists": [dice.choice(artists)],
                "available_markets": markets,
                "images": [
                    {"height": size, "url": f"https://example.org/image/{_id(dice)}{size}", "width": size}
                    for size in (640, 300, 64)
                ],
                "release_date": f"{dice.randint(1970, 2025)}-{dice.randint(1, 12):02}-01",
                "release_date_precision": "day",
                "total_tracks": 10,
            }
        guests = dice.sample(artists, k=min(len(artists), dice.choice((0, 0, 0, 1, 2))))
        yield _entity("track", _id(dice), _words(dice)) | {
            "album": album,
            "artists": [*album["artists"], *(guest for guest in guests if guest not in album["artists"])],
            "available_markets": markets,
            "disc_number": 1,
            "duration_ms": dice.randint(90_000, 400_000),
            "explicit": dice.random() < 0.1,
            "external_ids": {"isrc": f"QZ{dice.randint(10**9, 10**10 - 1)}"},
            "is_local": False,
            "popularity": dice.randint(0, 100),
            "preview_url": None,
            "track_number": number % 10 + 1,
        }


def bodies(count: int) -> Iterator[bytes]:
    """Make the answers of the endpoint for many tracks, 50 tracks in each."""
    some: list[dict[str, Any]] = []
    for track in tracks(count):
        some.append(track)
        if len(some) == PAGE:
            yield json.dumps({"tracks": some}, ensure_ascii=False, separators=(",", ":")).encode()
            some = []


def pages(count: int, *, markets: bool = True) -> Iterator[Page]:
    """Make the same answers as pages that were fetched a second apart.

    Args:
        count: Number of tracks.
        markets: Whether lists of markets are called so; otherwise they are a field nobody knows, as long.
    """
    for number, told in enumerate(bodies(count)):
        body = told if markets else told.replace(b'"available_markets":', b'"available_planets":')
        params = (("ids", f"page-{number}"),)
        request = fingerprint("sandbox", "/tracks", params)
        at = START + timedelta(seconds=number)
        yield Page(
            page_id=page_id(request, at, body),
            source="sandbox",
            rights="all",
            endpoint="tracks",
            path="/tracks",
            params=params,
            status=200,
            fetched_at=at,
            headers={},
            body=body,
        )
