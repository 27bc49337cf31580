"""Known artists are looked at again; the ledger tells why, and is made anew from what landed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import msgspec
import pytest

from tunelake.collect.jobs.artists import ArtistRun
from tunelake.collect.jobs.discover import Bounds, Way
from tunelake.collect.jobs.job import collect_artists, collect_playlists, refresh_artists
from tunelake.collect.jobs.rebuild import rebuild_ledger
from tunelake.collect.jobs.session import Session
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.ports import HttpRequest, HttpResponse
from tunelake.collect.report import RunReport
from tunelake.collect.scripted_transport import ManualClock, ScriptedTransport
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.lake.lake import Lake
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.sources.spotify.profiles import Profile

NAMES = ["BTS", "Radiohead", "Adele"]
AT_ONCE = timedelta(0)


@cache
def world() -> Catalogue:
    return open_catalogue(artists=300, seed=7, directory=None)


def settings(home: Path, ready: Ready) -> Settings:
    return Settings(
        home=home,
        spotify_api_url=ready.api_url,
        spotify_accounts_url=ready.accounts_url,
        spotify_client_id=ready.client_id,
        spotify_client_secret=Secret(ready.client_secret),
    )


@pytest.mark.parametrize(("profile", "calls"), [("extended", 1), ("development", 3)])
def test_what_did_not_change_is_told_without_a_body(tmp_path: Path, profile: Profile, calls: int) -> None:
    lake = Lake(tmp_path / "home")
    with running(SandboxConfig(profile=profile), world()) as ready:
        told = settings(tmp_path, ready)
        collect_artists(told, lake.landing, ledger_path=lake.home.control, names=NAMES)
        waiting = refresh_artists(told, lake.landing, ledger_path=lake.home.control)
        refresh_artists(told, lake.landing, ledger_path=lake.home.control, age=AT_ONCE)
        again = refresh_artists(told, lake.landing, ledger_path=lake.home.control, age=AT_ONCE)
    assert waiting.calls == 0
    assert again.calls == calls
    assert again.by_state == {"unchanged": 3}
    pages = [one.page for one in lake.landing.pages()]
    unchanged = [page for page in pages if page.status == 304]
    assert len(unchanged) == calls
    assert {page.body for page in unchanged} == {b""}
    ledger = SqlLedger(lake.home.control, told.spotify_api_url)
    known = list(ledger.entities("artist"))
    ledger.close()
    assert {(one.checks, one.changes) for one in known} == {(3, 0)}
    bodies = {page.page_id for page in pages if page.body}
    assert {one.page_id for one in known} <= bodies, "a receipt leads to a page with a body"


def test_a_lost_ledger_is_made_anew_from_what_landed(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    parts = ("albums", "tracks", "top-tracks", "features", "related")
    with running(SandboxConfig(), world()) as ready:
        told = settings(tmp_path, ready)
        collect_artists(told, lake.landing, ledger_path=lake.home.control, names=NAMES, with_=parts)
        refresh_artists(told, lake.landing, ledger_path=lake.home.control, age=AT_ONCE)
        refresh_artists(told, lake.landing, ledger_path=lake.home.control, age=AT_ONCE)
        before = SqlLedger(lake.home.control, told.spotify_api_url)
        lists, artists = list(before.entities("albums")), list(before.entities("artist"))
        before.close()
        lake.home.control.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
        for suffix in ("-wal", "-shm"):
            lake.home.control.with_name(f"control.db{suffix}").unlink(missing_ok=True)
        pages, aside = rebuild_ledger(told, lake.landing, lake.home.control)
        again = collect_artists(told, lake.landing, ledger_path=lake.home.control, names=NAMES, with_=parts)
    assert pages > 10
    assert aside
    assert aside.exists()
    assert (again.calls, again.by_state) == (0, {"unchanged": 3})
    after = SqlLedger(lake.home.control, told.spotify_api_url)
    assert [(one.id, one.total, one.seen) for one in after.entities("albums")] == [
        (one.id, one.total, one.seen) for one in lists
    ]
    assert [(one.id, one.page_id, one.checks) for one in after.entities("artist")] == [
        (one.id, one.page_id, one.checks) for one in artists
    ]
    assert {want.asked for want in after.wants("artist")} == set(NAMES)
    after.close()


def test_discovery_stays_within_its_bounds(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    with running(SandboxConfig(), world()) as ready:
        told = settings(tmp_path, ready)
        report = collect_artists(
            told, lake.landing, ledger_path=lake.home.control, names=NAMES, bounds=Bounds(2, 9)
        )
        ledger = SqlLedger(lake.home.control, told.spotify_api_url)
        known = list(ledger.entities("artist"))
        ledger.close()
    assert "discovered 6 artists" in report.notes
    assert len(known) == 9
    assert report.calls_by_endpoint == {"related_artists": 3, "search": 3}


WAYS = [("collaborators", "extended"), ("collaborators", "development"), ("playlists", "extended")]


@pytest.mark.parametrize(("way", "profile"), WAYS)
def test_who_stands_beside_an_artist_is_discovered_and_says_why(
    tmp_path: Path, way: Way, profile: Profile
) -> None:
    lake = Lake(tmp_path / "home")
    playlist = world().playlist(next(iter(world().playlists())))
    tracks = (
        [track for key in playlist.track_ids if key and (track := world().track(key))] if playlist else []
    )
    first = next(track.artist_ids for track in tracks if len(track.artist_ids) > 1)[:1]

    def collect() -> RunReport:
        bounds = Bounds(1, 5, way)
        return collect_artists(told, lake.landing, ledger_path=lake.home.control, ids=first, bounds=bounds)

    with running(SandboxConfig(profile=profile), world()) as ready:
        told = settings(tmp_path, ready)
        if way == "playlists" and playlist:
            collect_playlists(told, lake.landing, ledger_path=lake.home.control, ids=[playlist.id])
        report, again = collect(), collect()
    assert (report.exit_code, again.calls) == (0, 0)
    ledger = SqlLedger(lake.home.control, told.spotify_api_url)
    found = [want for want in ledger.wants("artist") if want.asked not in first]
    ledger.close()
    assert 1 <= len(found) <= 4
    assert {want.method for want in found} == {f"discovered by {way}"}
    assert all(want.name and want.reason.endswith(", step 1") for want in found)


class Nowhere:
    """A landing that keeps nothing."""

    def append(self, page: Page) -> None:
        pass


def answers(status: int) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return HttpResponse(status=200, body=b'{"access_token": "t", "expires_in": 3600}')
        if "/search" in request.url:
            body = {"artists": {"items": [{"id": "1" * 22, "name": "BTS"}]}}
            return HttpResponse(status=200, body=msgspec.json.encode(body))
        return HttpResponse(status=status, headers={"retry-after": "9999"} if status == 429 else {})

    return answer


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusal_for_now_is_never_an_absence(tmp_path: Path, status: int) -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    told = Settings(
        home=tmp_path,
        spotify_api_url="http://api.test/v1",
        spotify_accounts_url="http://accounts.test",
        spotify_client_id="me",
        spotify_client_secret=Secret("s"),
    )

    async def main() -> None:
        transport = ScriptedTransport([answers(status)])
        run = ArtistRun(Session(told, transport, Nowhere(), ledger, clock, lambda *_: None))
        report = await run.artists(["BTS"], ["2" * 22], frozenset({"albums", "related"}), ("US",))
        assert report.exit_code != 0
        assert report.gaps

    asyncio.run(main())
    absent = {State.NOT_FOUND, State.GONE, State.FORBIDDEN}
    assert not [want for want in ledger.wants("artist") if want.state in absent]
    assert {(one.kind, one.state) for one in ledger.owed()} >= {("albums", State.DEFERRED)}
    assert not [one for kind in ("artist", "albums") for one in ledger.entities(kind) if one.state in absent]
