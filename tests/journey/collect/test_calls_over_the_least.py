"""No call is wasted: three jobs in both profiles cost at most 2 % more than the least there is."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from tunelake.collect.jobs.discover import NOBODY
from tunelake.collect.jobs.job import collect_artists, refresh_artists
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.planning.plan import Pace, Plan, least_lists, plan
from tunelake.collect.planning.survey import Surveyor
from tunelake.domain.pages import Page
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.sources.spotify.profiles import LARGEST_PAGE, Profile

COUNT = 400
ALLOWED = 1.02
NOW = timedelta(seconds=0)


class Nowhere:
    """A landing that keeps nothing."""

    def append(self, page: Page) -> None:
        pass


@cache
def world() -> Catalogue:
    return open_catalogue(artists=COUNT, seed=7, directory=None)


def artists() -> list[str]:
    """Ids of artists of the world."""
    ids: dict[str, None] = {}
    for playlist_id in world().playlists():
        playlist = world().playlist(playlist_id)
        for track_id in playlist.track_ids if playlist else ():
            track = world().track(track_id) if track_id else None
            ids.update(dict.fromkeys(track.artist_ids if track else ()))
    return list(ids)[:COUNT]


def told(job: str, profile: str, calls: int, least: int) -> None:
    sys.stdout.write(f"{job}, {profile}: {calls} calls, least {least}\n")


def planned(
    settings: Settings, ledger: Path, profile: Profile, names: list[str], parts: frozenset[str]
) -> Plan:
    memory = SqlLedger(ledger, settings.spotify_api_url)
    at = datetime.now(UTC)
    survey = Surveyor(memory, settings.spotify_api_url, at, timedelta(days=1)).artists(
        names, [], parts, ["US"], NOBODY
    )
    memory.close()
    return plan(survey, profile, Pace(), at)


@pytest.mark.slow
@pytest.mark.parametrize("profile", get_args(Profile))
def test_three_jobs(tmp_path: Path, profile: Profile) -> None:
    ledger = tmp_path / "control.db"
    names = [artist.name for one in artists() if (artist := world().artist(one))]
    with running(SandboxConfig(profile=profile), world()) as ready:
        settings = Settings(
            home=tmp_path,
            spotify_api_url=ready.api_url,
            spotify_accounts_url=ready.accounts_url,
            spotify_client_id=ready.client_id,
            spotify_client_secret=Secret(ready.client_secret),
        )
        before = planned(settings, ledger, profile, names, frozenset())
        first = collect_artists(settings, Nowhere(), ledger_path=ledger, names=names)
        asked = {one.casefold() for one in names}
        assert len(asked) * 0.98 <= before.calls <= len(asked)
        assert first.calls <= before.calls * ALLOWED
        assert planned(settings, ledger, profile, names, frozenset()).calls == 0

        found = {want.artist_id for want in first.wants if want.artist_id}
        own = {
            one: [album for album, group in world().albums_of(one) if group != "appears_on"] for one in found
        }
        parts = frozenset({"albums", "tracks"})
        second = collect_artists(settings, Nowhere(), ledger_path=ledger, names=names, with_=parts)
        albums = {album for of_one in own.values() for album in of_one}
        lists = least_lists(map(len, own.values()), LARGEST_PAGE[profile])
        least = lists + (-(-len(albums) // 20) if profile == "extended" else len(albums))
        told("discographies", profile, second.calls, least)
        assert second.calls <= least * ALLOWED
        assert planned(settings, ledger, profile, names, parts).calls == 0

        third = refresh_artists(settings, Nowhere(), ledger_path=ledger, age=NOW)
        least = -(-len(found) // 50) if profile == "extended" else len(found)
        told("refresh", profile, third.calls, least)
        assert third.asked == len(found)
        assert third.calls <= least * ALLOWED
        assert third.by_state == {"unchanged": len(found)}
        told("names", profile, first.calls, before.calls)
