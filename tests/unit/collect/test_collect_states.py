"""What becomes of what is wanted when the source refuses, lies or goes round in circles."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.jobs import playlists
from tunelake.collect.jobs.artists import ArtistRun
from tunelake.collect.jobs.session import Session
from tunelake.collect.ledger.memory_ledger import MemoryLedger
from tunelake.collect.ports import HttpRequest, HttpResponse
from tunelake.collect.report import RunReport
from tunelake.collect.scripted_transport import ManualClock, ScriptedTransport
from tunelake.domain.pages import Page
from tunelake.domain.states import State
from tunelake.settings import Secret, Settings

BASE = "http://api.test/v1"
ARTIST, ALBUM = "1" * 22, "2" * 22
Answer = Callable[[str], HttpResponse]


def ok(body: Any) -> HttpResponse:
    return HttpResponse(status=200, body=msgspec.json.encode(body))


class Bench:
    """A run over a script, with everything that can be looked at afterwards."""

    def __init__(self, tmp_path: Path) -> None:
        self.ledger = MemoryLedger()
        self.pages: list[Page] = []
        self.sent: list[str] = []
        self._settings = Settings(
            home=tmp_path,
            spotify_api_url=BASE,
            spotify_accounts_url="http://accounts.test",
            spotify_client_id="me",
            spotify_client_secret=Secret("s"),
        )

    def append(self, page: Page) -> None:
        self.pages.append(page)

    def session(self, answer: Answer, clock: ManualClock | None = None) -> Session:
        def reply(request: HttpRequest) -> HttpResponse:
            if request.method == "POST":
                return ok({"access_token": "t", "expires_in": 3600})
            self.sent.append(request.url.removeprefix(BASE))
            return answer(self.sent[-1])

        clock = clock or ManualClock()
        transport = Budgets(self._settings, None, "backfill").spotify(ScriptedTransport([reply]), clock)
        return Session(self._settings, transport, self, self.ledger, clock, lambda *_: None)

    def albums(self, answer: Answer) -> RunReport:
        run = ArtistRun(self.session(answer))
        return asyncio.run(run.artists([], [ARTIST], frozenset({"albums"}), ("US",)))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def artist_then(listed: Answer) -> Answer:
    def answer(path: str) -> HttpResponse:
        return listed(path) if "/albums" in path else ok({"id": ARTIST, "name": "BTS"})

    return answer


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (404, State.NOT_FOUND),
        (410, State.GONE),
        (403, State.FORBIDDEN),
        (500, State.DEFERRED),
        (503, State.DEFERRED),
        (429, State.DEFERRED),
    ],
)
def test_a_refusal_ends_in_its_state(bench: Bench, status: int, state: State) -> None:
    headers = {"retry-after": "90000"} if status == 429 else {}
    report = bench.albums(lambda _: HttpResponse(status=status, headers=headers))
    assert [want.state for want in report.wants] == [state]
    assert [(want.asked, want.state) for want in bench.ledger.wants("artist")] == [(ARTIST, state)]
    assert report.exit_code in ({1, 3} if state.is_gap else {0})
    assert all(want.reason for want in report.wants)
    assert bool(list(bench.ledger.owed())) == state.is_gap


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"surprise": 1}', b"[" * 10_000])
def test_what_cannot_be_read_is_kept_and_owed(bench: Bench, body: bytes) -> None:
    report = bench.albums(lambda _: HttpResponse(status=200, body=body))
    assert report.by_state == {"quarantined": 1}
    assert report.exit_code == 1
    assert [page.body for page in bench.pages] == [body]


def test_a_total_that_lies_is_told_and_the_list_is_read_twice_at_most(bench: Bench) -> None:
    page = {"items": [{"id": ALBUM}], "offset": 0, "total": 30, "next": None}
    report = bench.albums(artist_then(lambda _: ok(page)))
    assert report.exit_code == 1
    assert [one.owed for one in bench.ledger.owed()] == [
        "1 items were seen, but the source states a total of 30"
    ]
    assert len([path for path in bench.sent if "/albums" in path]) == 2


def offset_of(path: str) -> int:
    return int(path.partition("offset=")[2].partition("&")[0] or 0)


@pytest.mark.parametrize(
    ("link", "items", "reason"),
    [
        (lambda _: f"/artists/{ARTIST}/albums?offset=50&limit=50", 50, "circle"),
        (lambda at: f"/artists/{ARTIST}/albums?offset={at + 50}&limit=50", 0, "empty parts without end"),
        (lambda _: "ftp:///elsewhere/../x", 50, "outside of this API"),
        (lambda _: "/../../etc", 50, "outside of this API"),
    ],
)
def test_links_that_lead_nowhere_end(
    bench: Bench, link: Callable[[int], str], items: int, reason: str
) -> None:
    def listed(path: str) -> HttpResponse:
        at = offset_of(path)
        ids = [{"id": f"{at + number:022}"} for number in range(items)]
        return ok({"items": ids, "offset": at, "total": 10**6, "next": link(at)})

    report = bench.albums(artist_then(listed))
    assert report.exit_code == 1
    assert reason in report.gaps[0].reason
    assert len(bench.sent) < 10


@pytest.mark.parametrize(
    "text",
    [
        f"spotify:album:{ALBUM}",
        f"https://open.spotify.com/playlist/{ALBUM}",
        "0383dadf-2a4e-4d10-a46a-e9e041da8eb3",
        "1" * 21,
        "not an id",
        "😀" * 22,
        "\u202e" + "1" * 22,
    ],
)
def test_an_id_of_another_kind_is_told_and_never_sent(bench: Bench, text: str) -> None:
    run = ArtistRun(bench.session(lambda _: ok({})))
    report = asyncio.run(run.artists([], [text], frozenset({"albums"}), ("US",)))
    assert (report.calls, report.by_state) == (0, {"not_found": 1})
    assert "not an id" in report.wants[0].reason
    report = asyncio.run(playlists.collect(bench.session(lambda _: ok({})), [f"spotify:artist:{ARTIST}"]))
    assert (report.calls, report.by_state) == (0, {"not_found": 1})


def test_once_parked_no_name_of_a_million_is_begun(bench: Bench) -> None:
    banned = HttpResponse(status=429, headers={"retry-after": "90000"})
    names = (f"somebody {number}" for number in range(2500))
    run = ArtistRun(bench.session(lambda _: banned))
    report = asyncio.run(run.artists(names, [], frozenset(), ("US",)))
    assert report.exit_code == 3
    assert report.asked == 2500
    assert report.by_state == {"deferred": 1000, "wanted": 1500}
    assert len(list(bench.ledger.wants("artist"))) == 2500
    assert len(bench.sent) < 100


def test_over_two_months_what_changes_is_looked_at_daily_and_what_does_not_ever_less_often(
    bench: Bench,
) -> None:
    names = {one * 22: "calm" for one in "34567"} | {ARTIST: "lively"}
    asked: list[str] = []
    clock = ManualClock()

    def answer(path: str) -> HttpResponse:
        ids = parse_qs(urlsplit(path).query).get("ids", [path.rpartition("/")[2]])[0].split(",")
        asked.extend(ids)
        day = clock.now().timetuple().tm_yday
        artists = [{"id": one, "name": names[one], "popularity": day % 90 * (one == ARTIST)} for one in ids]
        return ok({"artists": artists} if "ids=" in path else artists[0])

    first = ArtistRun(bench.session(answer, clock))
    asyncio.run(first.artists([], list(names), frozenset(), ("US",)))
    asked.clear()
    for _ in range(60):
        clock.advance(25 * 3600)
        run = ArtistRun(bench.session(answer, clock))
        assert asyncio.run(run.refresh(None)).exit_code == 0
    looked_at = Counter(asked)
    assert looked_at.pop(ARTIST) >= 55
    assert max(looked_at.values()) <= 12
    assert min(looked_at.values()) >= 4, "after at most sixteen days"
