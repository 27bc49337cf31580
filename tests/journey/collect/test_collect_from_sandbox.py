"""Collecting from a real server, with and without its faults."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunelake.collect.jobs.job import collect_artists, collect_playlists
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue, Query
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Quota, SandboxConfig, WindowLimit
from tunelake.settings import Secret, Settings
from tunelake.sources.spotify.rows import read_rows

EVERYTHING = ("albums", "tracks", "top-tracks", "features", "related")
NAMES = ["BTS", "방탄소년단", "bts", "Björk", "Radiohead", "Guns N’ Roses", "Nobody At All Zzz"]


class Pages:
    """A landing that keeps pages in a list."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def append(self, page: Page) -> None:
        self.pages.append(page)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for page in self.pages:
            if columns_of := read_rows(page).tables.get(table):
                found += zip(*(columns_of[name] for name in columns), strict=True)
        return found


@cache
def world() -> Catalogue:
    return open_catalogue(artists=300, seed=7, directory=None)


@contextmanager
def sandbox(home: Path, **options: Any) -> Iterator[Settings]:
    extra = {name: options.pop(name) for name in ("max_wait_seconds", "max_age_hours") if name in options}
    with running(SandboxConfig(**options), world()) as ready:
        yield Settings(
            home=home,
            spotify_api_url=ready.api_url,
            spotify_accounts_url=ready.accounts_url,
            spotify_client_id=ready.client_id,
            spotify_client_secret=Secret(ready.client_secret),
            **extra,
        )


def test_names_to_everything_and_a_second_run_sends_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "control.db"
    with sandbox(tmp_path) as settings:
        first, second = Pages(), Pages()
        report = collect_artists(settings, first, ledger_path=ledger, names=NAMES, with_=EVERYTHING)
        again = collect_artists(settings, second, ledger_path=ledger, names=NAMES, with_=EVERYTHING)
    assert report.exit_code == 0
    assert report.by_state == {"fetched": 6, "not_found": 1}
    assert report.wants[0].artist_id == report.wants[1].artist_id == report.wants[2].artist_id
    assert report.calls == len([page for page in first.pages if page.endpoint != "alias"])
    assert {page.source for page in first.pages} == {"sandbox"}
    assert {page.rights for page in first.pages} == {"all"}
    assert {alias for _, alias in first.rows("artist_aliases", "artist_id", "alias")} == {"방탄소년단"}
    assert not [one for page in first.pages for one in read_rows(page).rejected]
    assert (again.calls, again.token_calls, second.pages) == (0, 0, [])
    assert again.by_state == {"unchanged": 6, "not_found": 1}
    found = {want.artist_id for want in report.wants if want.artist_id}
    albums = {one for artist in found for one, group in world().albums_of(artist) if group != "appears_on"}
    assert {one for (one,) in first.rows("albums", "album_id")} >= albums
    tracks = {track for one in albums for track in (found_album(one).track_ids)}
    assert {one for (one,) in first.rows("tracks", "track_id")} >= tracks


def found_album(album_id: str) -> Any:
    album = world().album(album_id)
    assert album is not None
    return album


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "a_second"), [("extended", 16), ("development", 8)])
def test_all_faults_at_once_end_with_the_same_rows_as_none(
    tmp_path: Path, profile: str, a_second: int
) -> None:
    faults = {
        "rate_5xx": 0.15,
        "rate_cut": 0.15,
        "rate_malformed": 0.15,
        "rate_shift": 0.2,
        "token_lifetime_s": 1.0,
        "limits": (WindowLimit(a_second, 1.0),),
        "seed": 3,
    }
    calm, rough = Pages(), Pages()
    markets = ("US", "KR", "DE", "JP", "BR", "SE")
    with sandbox(tmp_path, profile=profile) as settings:
        collect_artists(settings, calm, names=NAMES, with_=EVERYTHING, markets=markets)
    with sandbox(tmp_path, profile=profile, **faults) as settings:
        ledger = tmp_path / "rough.db"
        run = partial(collect_artists, names=NAMES, with_=EVERYTHING, markets=markets, ledger_path=ledger)
        report = run(settings, rough)
        # Eight answers in a row may all be bad: what was given up is a gap, and the next run takes it.
        retries = report.retries.keys()
        for _ in range(3):
            if report.gaps:
                assert report.exit_code == 1
                report = run(settings, rough)
    assert report.gaps == []
    assert report.exit_code == 0
    assert {"server_error", "malformed", "cut", "rate_limited"} <= retries
    tables = {"artists": "artist_id", "albums": "album_id", "tracks": "track_id"}
    for table, key in tables.items():
        assert {*rough.rows(table, key)} == {*calm.rows(table, key)}
    answered = Counter(page.fingerprint for page in rough.pages if page.endpoint != "artist_albums")
    assert max(answered.values()) == 1


def test_development_mode_goes_other_ways_and_says_what_is_closed(tmp_path: Path) -> None:
    landed = Pages()
    parts, control = ("top-tracks", "features", "related"), tmp_path / "control.db"
    with sandbox(tmp_path, profile="development") as settings:
        report = collect_artists(settings, landed, ledger_path=control, names=["BTS"], with_=parts)
        # Another run, about somebody else: what was found closed is told again and not asked again.
        later = collect_artists(settings, landed, ledger_path=control, names=["Radiohead"], with_=parts)
    closed = {"top_tracks", "related_artists", "audio_features"}
    assert report.exit_code == later.exit_code == 0
    assert report.forbidden.keys() == later.forbidden.keys() == closed
    assert all("403" in reason for reason in (*report.forbidden.values(), *later.forbidden.values()))
    assert closed <= report.calls_by_endpoint.keys()
    assert later.calls_by_endpoint == {"search": 1, "search_tracks": 1}
    assert landed.rows("tracks", "track_id")


def test_ids_in_every_form_people_paste(tmp_path: Path) -> None:
    landed = Pages()
    artist = next(iter(world().search("artist", query("BTS"), offset=0, limit=1).ids))
    ids = [
        artist,
        f"spotify:artist:{artist}",
        f"https://open.spotify.com/artist/{artist}?si=1",
        "x",
        "0" * 22,
    ]
    with sandbox(tmp_path) as settings:
        report = collect_artists(settings, landed, ids=ids)
    assert [str(want.state) for want in report.wants] == ["fetched"] * 3 + ["not_found"] * 2
    assert report.calls == 1


def query(text: str) -> Any:
    return Query(text=text)


def test_a_long_ban_parks_survives_a_restart_and_sends_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "control.db"
    with sandbox(tmp_path, quota=Quota(3, 72000)) as settings:
        landed = Pages()
        report = collect_artists(settings, landed, ledger_path=ledger, names=NAMES)
        assert report.exit_code == 3
        assert report.parked_until is not None
        assert report.by_state["deferred"] >= 1
        assert report.stored >= 1
        later = collect_artists(settings, Pages(), ledger_path=ledger, names=NAMES)
    assert later.exit_code == 3
    assert (later.calls, later.token_calls) == (0, 0)
    assert later.parked_until == report.parked_until
    assert later.stored == report.stored


def test_playlists_that_move_are_read_until_they_stand_still(tmp_path: Path) -> None:
    long = [one for one in world().playlists() if length(one) > 100][:4]
    assert long
    landed = Pages()
    with sandbox(tmp_path, rate_shift=0.4, seed=5) as settings:
        report = collect_playlists(settings, landed, ids=long)
    assert report.exit_code == 0
    for playlist_id in long:
        pages = [page for page in landed.pages if playlist_id in page.path]
        last = next(page.listing for page in reversed(pages) if page.listing)
        assert last.whole
        reading = [page for page in pages if page.listing and page.listing.listing_id == last.listing_id]
        ids: list[str | None] = []
        for page in reading:
            ids += read_rows(page).tables["playlist_items"]["track_id"]
        playlist = world().playlist(playlist_id)
        assert playlist is not None
        assert ids == list(playlist.track_ids)


def length(playlist_id: str) -> int:
    playlist = world().playlist(playlist_id)
    return len(playlist.track_ids) if playlist else 0


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    ledger = tmp_path / "control.db"
    names = NAMES[:5]
    landed = Pages()
    with sandbox(tmp_path, latency_s=0.15) as settings:

        def press(stage: str, done: int, _total: int) -> None:
            if (stage, done) == ("albums", 2):
                signal.raise_signal(signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            collect_artists(
                settings, landed, ledger_path=ledger, names=names, with_=EVERYTHING, progress=press
            )
        memory = SqlLedger(ledger, settings.spotify_api_url)
        owed = {want.asked for want in memory.wants("artist") if want.state.is_gap}
        known = len(list(memory.wants("artist")))
        memory.close()
        before = len(landed.pages)
        report = collect_artists(settings, landed, ledger_path=ledger, names=names, with_=EVERYTHING)
    assert known == len(names)
    assert owed <= set(names)
    assert before > 0
    assert report.exit_code == 0
    assert max(Counter(page.fingerprint for page in landed.pages).values()) == 1


def test_a_wrong_secret_and_an_absent_server_are_told_in_seconds(tmp_path: Path) -> None:
    with sandbox(tmp_path) as settings:
        wrong = msgspec.structs.replace(settings, spotify_client_secret=Secret("wrong-secret"))
        with pytest.raises(ConfigError, match="TUNELAKE_SPOTIFY_CLIENT_SECRET") as caught:
            collect_artists(wrong, Pages(), names=["BTS"])
        assert "wrong-secret" not in str(caught.value)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        gone = msgspec.structs.replace(
            settings, spotify_api_url=f"{nowhere}/v1", spotify_accounts_url=nowhere
        )
        begun = time.monotonic()
        with pytest.raises(ConfigError, match=nowhere):
            collect_artists(gone, Pages(), names=["BTS"])
        assert time.monotonic() - begun < 10


def test_progress_never_passes_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with sandbox(tmp_path) as settings:
        collect_artists(
            settings, Pages(), names=NAMES, with_=EVERYTHING, progress=lambda *one: told.append(one)
        )
    assert {stage for stage, _, _ in told} >= {
        "search",
        "albums",
        "tracks",
        "top-tracks",
        "features",
        "related",
    }
    assert all(0 <= done <= total for _, done, total in told)


def test_old_answers_are_asked_for_again(tmp_path: Path) -> None:
    ledger = tmp_path / "control.db"
    with sandbox(tmp_path, max_age_hours=0.0) as settings:
        for _ in range(2):
            report = collect_artists(settings, Pages(), ledger_path=ledger, names=["BTS"])
            assert report.calls == 1
            assert report.wants[0].state is State.FETCHED


def test_a_batch_without_its_parts_in_the_ledger_is_asked_again(tmp_path: Path) -> None:
    """A kill between the record of a batch and the records of its parts leaves the ledger so."""
    ledger = tmp_path / "control.db"
    with sandbox(tmp_path) as settings:
        whole = collect_artists(settings, Pages(), ledger_path=ledger, names=NAMES[:3], with_=EVERYTHING)
        with closing(sqlite3.connect(ledger)) as connection, connection:
            lost = connection.execute("delete from answers where endpoint = 'album'").rowcount
        again = collect_artists(settings, Pages(), ledger_path=ledger, names=NAMES[:3], with_=EVERYTHING)
    assert lost > 0
    assert (again.exit_code, again.stored) == (0, whole.stored)
    assert again.calls_by_endpoint == {"albums": whole.calls_by_endpoint["albums"]}
