"""Collecting from open sources by script: pace, patience, bans, resuming, who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.decide import LONGEST_PARK_S
from tunelake.collect.jobs import open_listens
from tunelake.collect.jobs.loop import voices_of
from tunelake.collect.jobs.open_run import OpenRun
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.match import match
from tunelake.collect.open_sources.pace import governed, judge_of
from tunelake.collect.open_sources.parts import checked_parts
from tunelake.collect.open_sources.servers import musicbrainz, window_wait
from tunelake.collect.ports import HttpRequest, HttpResponse, Ledger
from tunelake.collect.recovery.recovery import recover
from tunelake.collect.report import RunReport
from tunelake.collect.scripted_transport import ManualClock, ScriptedTransport
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.sources.gist import Hit

MBID = "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"
BUSY = HttpResponse(status=503, body=b'{"error": "slower"}')
ASKED = HttpRequest(method="GET", url="http://here.test/ws/2/artist", headers={})
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ok(answer: Any, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=200, headers=named, body=msgspec.json.encode(answer))


SEARCH = ok({"artists": [{"id": MBID, "name": "Queen", "aliases": [{"name": "女王"}]}]})
ARTIST = ok({"id": MBID, "name": "Queen"})


class Bench:
    """A run over a script, with everything that can be looked at afterwards."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.pages: list[Page] = []
        self.ledgers: dict[str, MemoryLedger] = {}
        self.sent: list[HttpRequest] = []
        self.settings = Settings(home=Path("unused"), contact="me@example.org", max_wait_seconds=30)
        self.budgets = Budgets(self.settings, None, "backfill")

    def append(self, page: Page) -> None:
        self.pages.append(page)

    def ledger(self, server: str) -> Ledger:
        return self.ledgers.setdefault(server, MemoryLedger())

    def run(
        self, *lines: HttpResponse | Callable[[HttpRequest], HttpResponse], source: str = "musicbrainz",
        names: tuple[str, ...] = ("Queen",), ids: tuple[str, ...] = (), parts: tuple[str, ...] = (),
    ) -> RunReport:  # fmt: skip
        transport = ScriptedTransport(lines)
        transport.sent = self.sent
        session = OpenSession(
            self.settings,
            partial(governed, self.budgets, transport, self.clock),
            self,
            self.ledger,
            self.clock,
            lambda *_: None,
            source,
        )
        return asyncio.run(OpenRun(session).artists(names, ids, parts))

    def listens(self, *lines: HttpResponse) -> RunReport:
        transport = partial(governed, self.budgets, ScriptedTransport(lines), self.clock)
        session = OpenSession(
            self.settings, transport, self, self.ledger, self.clock, lambda *_: None, "listenbrainz"
        )
        return asyncio.run(open_listens.collect(session, "somebody", 0))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_name_costs_two_calls_a_second_apart_and_says_who_asks(bench: Bench) -> None:
    report = bench.run(SEARCH, ARTIST)
    assert (report.exit_code, report.by_state, report.calls) == (0, {"fetched": 1}, 2)
    assert bench.clock.slept == [1.0]
    assert all("me@example.org" in request.headers["User-Agent"] for request in bench.sent)
    assert [(page.endpoint, page.rights) for page in bench.pages] == [
        ("mb_search", "musicbrainz-nc"), ("mb_artist", "musicbrainz-nc"),
    ]  # fmt: skip


def test_what_is_known_is_not_asked_again(bench: Bench) -> None:
    bench.run(SEARCH, ARTIST)
    again = bench.run(BUSY)
    assert (again.calls, again.by_state) == (0, {"unchanged": 1})
    bench.clock.advance(25 * 3600)
    assert bench.run(SEARCH, ARTIST).calls == 2


class Landed(msgspec.Struct):
    page: Page


def test_what_landed_before_a_kill_is_not_asked_again(bench: Bench) -> None:
    bench.run(SEARCH, ARTIST)
    bench.ledgers.clear()  # killed before anything was noted
    voices = voices_of(bench.settings)
    assert recover(bench.ledger, voices, map(Landed, bench.pages), wants=True) == 2
    assert recover(bench.ledger, voices, map(Landed, bench.pages)) == 0
    ledger = bench.ledger(bench.settings.musicbrainz_url)
    assert [(want.asked, want.artist_id) for want in ledger.wants("artist")] == [("Queen", MBID)]
    assert [(one.id, one.state) for one in ledger.entities("artist")] == [(MBID, State.FETCHED)]
    again = bench.run(BUSY)
    assert (again.calls, again.by_state) == (0, {"unchanged": 1})


def test_it_is_patient_with_503_and_never_takes_it_for_absence(bench: Bench) -> None:
    report = bench.run(*[BUSY] * 20, SEARCH, BUSY, ARTIST)
    assert report.by_state == {"fetched": 1}
    assert report.retries == {"rate_limited": 21}
    assert sum(bench.clock.slept) >= 21 * 2


def test_an_endless_503_parks_the_work_and_nothing_is_sent_until_then(bench: Bench) -> None:
    report = bench.run(BUSY, names=("Queen", "Muse"))
    assert report.exit_code == 3
    assert {gap.state for gap in report.gaps} == {State.DEFERRED}
    assert bench.pages == []
    assert report.parked_until is not None
    assert (report.parked_until - bench.clock.now()).total_seconds() == pytest.approx(60)
    before = len(bench.sent)
    assert bench.run(SEARCH, ARTIST).exit_code == 3
    assert len(bench.sent) == before
    bench.clock.advance(7200)
    assert bench.run(SEARCH, ARTIST).exit_code == 0


def test_no_answer_at_all_is_a_setting_to_change(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="TUNELAKE_MUSICBRAINZ_URL"):
        bench.run(HttpResponse(trouble="unreachable", detail="refused"))
    assert [want.state for want in bench.ledger("https://musicbrainz.org/ws/2").wants("artist")] == [
        State.WANTED
    ]


def test_an_answer_of_another_shape_is_kept_and_owed(bench: Bench) -> None:
    report = bench.run(ok({"surprise": 1}))
    assert report.by_state == {"quarantined": 1}
    assert report.exit_code == 1
    assert len(bench.pages) == 1


def recordings(total: int, said: int | None = None) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        url = urlsplit(request.url)
        if not url.path.endswith("/recording"):
            return ARTIST
        offset = int(parse_qs(url.query).get("offset", ["0"])[0])
        items = [{"id": f"r{n}", "title": "x"} for n in range(offset, min(offset + 100, total))]
        return ok({"recordings": items, "recording-count": total if said is None else said})

    return answer


def test_a_list_is_read_to_its_end_and_its_pages_are_one_reading(bench: Bench) -> None:
    report = bench.run(recordings(250), names=(), ids=(MBID,), parts=("tracks",))
    assert report.calls_by_endpoint == {"mb_artist": 1, "mb_recordings": 3}
    listings = [page.listing for page in bench.pages if page.listing]
    assert [(one.offset, one.total, one.whole) for one in listings] == [
        (0, 250, False), (100, 250, False), (200, 250, True),
    ]  # fmt: skip
    assert len({one.listing_id for one in listings}) == 1


def test_a_total_that_lies_is_a_gap_not_an_endless_loop(bench: Bench) -> None:
    report = bench.run(recordings(120, said=500), names=(), ids=(MBID,), parts=("tracks",))
    assert report.exit_code == 1
    assert "120 items were seen, but the source states a total of 500" in report.gaps[0].reason
    assert report.calls_by_endpoint == {"mb_artist": 1, "mb_recordings": 6}, "read twice, and no more"


def test_listenbrainz_is_asked_in_one_post_and_its_window_is_waited_for(bench: Bench) -> None:
    told = {"x_ratelimit_remaining": "0", "x_ratelimit_reset_in": "7"}
    counts = [{"artist_mbid": MBID, "total_listen_count": 9, "total_user_count": 1}]
    report = bench.run(
        ARTIST, ok(counts, **told), HttpResponse(status=429, headers={"x-ratelimit-reset-in": "5"}), ok([]),
        source="listenbrainz", names=(), ids=(MBID,), parts=("top-tracks",),
    )  # fmt: skip
    assert report.exit_code == 0
    assert [request.method for request in bench.sent] == ["GET", "POST", "GET", "GET"]
    assert bench.sent[1].body == msgspec.json.encode({"artist_mbids": [MBID]})
    assert bench.clock.slept[:2] == [7.0, 5.0]
    assert {page.source for page in bench.pages} == {"musicbrainz", "listenbrainz"}
    assert bench.pages[-1].rights == "cc0"


@pytest.mark.parametrize(("told", "waits"), [
    ({"retry-after": "0"}, 2), ({"retry-after": "7"}, 7), ({"retry-after": "nonsense"}, 2), ({}, 2),
    ({"retry-after": "-5"}, 2), ({"x-ratelimit-reset-in": "9"}, 9), ({"x-ratelimit-reset-in": "²"}, 2),
    ({"retry-after": "Sun, 01 Nov 2026 12:00:20 GMT"}, 20),
])  # fmt: skip
def test_how_long_to_wait_is_told_in_many_ways(told: dict[str, str], waits: int) -> None:
    verdict = judge_of(musicbrainz(Settings(home=Path("unused"))))(
        ASKED, msgspec.structs.replace(BUSY, headers=told), NOON
    )
    assert (verdict.hold_s, verdict.refused, verdict.parks) == (waits, True, False)


@pytest.mark.parametrize("header", ["90000", "Mon, 02 Nov 2026 13:00:00 GMT"])
def test_a_ban_of_a_day_parks_one_open_source_and_not_the_other(bench: Bench, header: str) -> None:
    banned = HttpResponse(status=429, headers={"retry-after": header})
    counts = [{"artist_mbid": MBID, "total_listen_count": 9, "total_user_count": 1}]
    report = bench.run(ARTIST, banned, source="listenbrainz", names=(), ids=(MBID,))
    assert (report.exit_code, report.parked_until) == (3, bench.clock.now() + timedelta(seconds=90_000))
    sent = len(bench.sent)
    again = bench.run(ok(counts), source="listenbrainz", names=(), ids=(MBID,))
    assert (again.exit_code, len(bench.sent)) == (3, sent)
    assert bench.run(SEARCH, ARTIST).exit_code == 0


def test_a_window_without_end_is_no_wait_without_end() -> None:
    left = ok([], x_ratelimit_remaining="0", x_ratelimit_reset_in="9" * 40)
    assert window_wait(left) == LONGEST_PARK_S


def test_listens_that_lead_in_a_circle_are_left_and_owed(bench: Bench) -> None:
    told = [
        {"listened_at": 1000 + one, "recording_msid": f"m{one}", "track_metadata": {}} for one in range(3)
    ]
    same = ok({"payload": {"listens": told, "latest_listen_ts": 9_999}})
    report = bench.listens(same, same, same)
    assert report.exit_code == 1
    assert "does not show them" in report.gaps[0].reason
    assert report.calls == 2


def test_an_id_of_nothing_is_told_and_not_asked_for(bench: Bench) -> None:
    report = bench.run(ARTIST, names=(), ids=("nonsense",))
    assert (report.calls, report.by_state) == (0, {"not_found": 1})


def test_a_link_leads_from_spotify_to_the_artist(bench: Bench) -> None:
    linked = ok({"resource": "x", "relations": [{"type": "free streaming", "artist": {"id": MBID}}]})
    report = bench.run(linked, ARTIST, names=(), ids=("spotify:artist:1dfeR4HaWDbWqFHLkxsg1d",))
    assert report.wants[0].method == "musicbrainz url relation"
    assert report.wants[0].artist_id == MBID


@pytest.mark.parametrize(("asked", "found", "method"), [
    ("女王", MBID, "alias"),
    ("queen", MBID, "exact name"),
    ("Kween", None, None),
])  # fmt: skip
def test_another_name_of_one_artist_alone_is_that_artist(
    asked: str, found: str | None, method: str | None
) -> None:
    hits = [Hit("x", "Something Else", aliases=("Other",)), Hit(MBID, "Queen", aliases=("女王",))]
    decided = match(asked, hits)
    assert (decided.hit.id if decided.hit else None, decided.method) == (found, method)


def test_another_name_of_two_artists_is_nobody() -> None:
    hits = [Hit("x", "Uno", aliases=("Alpha",)), Hit("y", "Dos", aliases=("Alpha",))]
    assert match("Alpha", hits).state is State.AMBIGUOUS


def test_a_part_that_a_source_has_not_is_refused() -> None:
    assert checked_parts("musicbrainz", ["tracks", "albums"]) == ("albums", "tracks")
    with pytest.raises(ConfigError, match="choose from relations, albums, releases, tracks"):
        checked_parts("musicbrainz", ["features"])
