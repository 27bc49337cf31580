from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.caller import Caller
from tunelake.collect.patient import Reply
from tunelake.collect.ports import HttpRequest, HttpResponse
from tunelake.collect.scripted_transport import Line, ManualClock, ScriptedTransport
from tunelake.collect.tally import Tally
from tunelake.errors import ConfigError
from tunelake.settings import Secret, Settings
from tunelake.sources.request import Request

SECRET = "never-to-be-shown"
TOKEN = HttpResponse(status=200, body=b'{"access_token": "tok-1", "expires_in": 3600}')
OK = HttpResponse(status=200, body=b"{}")


def settings(**fields: Any) -> Settings:
    return Settings(
        home=Path("home"),
        spotify_api_url="http://api.test/v1",
        spotify_accounts_url="http://accounts.test",
        spotify_client_id="me",
        spotify_client_secret=Secret(SECRET),
        **fields,
    )


def error(status: int, message: str = "no", **fields: str) -> HttpResponse:
    headers = {"retry-after": fields.pop("retry")} if "retry" in fields else {}
    body = {"error": {"status": status, "message": message, **fields}}
    return HttpResponse(status=status, headers=headers, body=msgspec.json.encode(body))


class Bench:
    """A caller on a scripted transport; `answers` are what the catalogue says, one a request."""

    def __init__(self, *answers: Line, tokens: Line = TOKEN, after: Bench | None = None) -> None:
        self._answers = list(answers)
        self._tokens = tokens
        self.clock: ManualClock = after.clock if after else ManualClock()
        self.tally = Tally()
        self.transport = ScriptedTransport([self._line])
        self.budgets: Budgets = after.budgets if after else Budgets(settings(), None, "backfill")
        governed = self.budgets.spotify(self.transport, self.clock)
        self.caller = Caller(settings(), governed, self.clock, self.tally)

    def _line(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            line = self._tokens
        else:
            line = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return line(request) if callable(line) else line

    def ask(self) -> Reply:
        return self.ask_many(1)[0]

    def ask_many(self, number: int) -> list[Reply]:
        async def main() -> list[Reply]:
            requests = [Request("artist", f"/artists/{index}") for index in range(number)]
            return await asyncio.gather(*(self.caller.ask(one, lambda _: ("", False)) for one in requests))

        return asyncio.run(main())

    @property
    def posts(self) -> int:
        return sum(one.method == "POST" for one in self.transport.sent)


def test_one_token_serves_many_requests_and_goes_to_the_configured_api_alone() -> None:
    bench = Bench(OK)
    assert {reply.action for reply in bench.ask_many(20)} == {"accept"}
    assert bench.posts == 1
    for request in bench.transport.sent:
        if "Bearer" in request.headers["Authorization"]:
            assert request.url.startswith("http://api.test/v1/")
        else:
            assert request.url == "http://accounts.test/api/token"


def test_a_refused_token_is_renewed_once_for_all_and_the_requests_repeated() -> None:
    tokens = iter(range(1, 99))

    def fresh(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200, body=msgspec.json.encode({"access_token": f"tok-{next(tokens)}"}))

    def catalogue(request: HttpRequest) -> HttpResponse:
        return error(401) if request.headers["Authorization"] == "Bearer tok-1" else OK

    bench = Bench(catalogue, tokens=fresh)
    assert {reply.action for reply in bench.ask_many(8)} == {"accept"}
    assert bench.posts == 2
    assert bench.tally.retries["unauthorised"] >= 1


def test_a_token_is_renewed_before_it_ends() -> None:
    bench = Bench(OK, tokens=HttpResponse(status=200, body=b'{"access_token": "t", "expires_in": 60}'))
    bench.ask()
    bench.clock.advance(61)
    bench.ask()
    assert bench.posts == 2
    assert not bench.tally.retries


def test_a_short_limit_is_waited_out_by_everybody() -> None:
    bench = Bench(*[OK] * 30, error(429, retry="2"), OK)
    assert {reply.action for reply in bench.ask_many(31)} == {"accept"}
    assert sum(bench.clock.slept) >= 2.0
    assert bench.tally.retries == {"rate_limited": 1}


def test_a_long_limit_parks_and_nothing_more_is_sent_not_even_after_a_restart() -> None:
    bench = Bench(error(429, retry="3600"))
    assert bench.ask().action == "held"
    assert bench.caller.parked is not None
    sent = len(bench.transport.sent)
    assert bench.ask().action == "held"
    assert len(bench.transport.sent) == sent
    again = Bench(OK, after=bench)
    assert again.ask().action == "held"
    assert not again.transport.sent, "not even for a token"
    assert again.caller.parked is not None
    again.clock.advance(3601)
    assert Bench(OK, after=bench).ask().action == "accept"


def test_errors_and_lost_answers_are_repeated_and_counted_by_kind() -> None:
    lost = HttpResponse(trouble="cut", detail="broke")
    bench = Bench(error(500), lost, error(503), OK)
    assert bench.ask().action == "accept"
    assert bench.tally.retries == {"server_error": 2, "cut": 1}
    assert bench.tally.calls == {"artist": 4}


def test_a_server_that_fails_all_the_time_is_left_alone_in_the_end() -> None:
    bench = Bench(error(500))
    replies = bench.ask_many(40)
    assert {reply.action for reply in replies} == {"give_up", "held"}
    assert bench.caller.halted
    assert bench.tally.calls["artist"] < 40 * 8


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_secret_names_the_variables_and_not_the_secret(status: int) -> None:
    refusal = HttpResponse(
        status=status, body=b'{"error":"invalid_client","error_description":"Invalid client"}'
    )
    with pytest.raises(ConfigError) as caught:
        Bench(OK, tokens=refusal).ask()
    text = str(caught.value)
    assert "TUNELAKE_SPOTIFY_CLIENT_ID" in text
    assert "TUNELAKE_SPOTIFY_CLIENT_SECRET" in text
    assert SECRET not in text
    assert SECRET not in repr(settings())


def test_no_server_says_which_url_and_what_to_do_in_seconds() -> None:
    nobody = HttpResponse(trouble="unreachable", detail="cannot connect: refused")
    bench = Bench(OK, tokens=nobody)
    with pytest.raises(ConfigError, match=r"http://accounts\.test.*TUNELAKE_SPOTIFY_ACCOUNTS_URL"):
        bench.ask()
    assert sum(bench.clock.slept) < 3


def test_a_dead_api_beside_a_living_accounts_service_is_named() -> None:
    bench = Bench(HttpResponse(trouble="unreachable", detail="refused"))
    with pytest.raises(ConfigError, match=r"http://api\.test/v1.*TUNELAKE_SPOTIFY_API_URL"):
        bench.ask()


def test_an_api_that_goes_away_leaves_gaps() -> None:
    gone = HttpResponse(trouble="unreachable", detail="refused")
    bench = Bench(OK, gone)
    assert bench.ask().action == "accept"
    assert {reply.action for reply in bench.ask_many(30)} == {"give_up", "held"}
    assert "does not answer any more" in bench.caller.halted


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Sign in to the network</body></html>", "it is a web page"),
        (b'{"access_token": "abc', "it is cut off, or no JSON"),
        (b"", "it is empty"),
        (b'{"error": null}', "it is JSON of another kind"),
    ],
)
def test_an_answer_without_a_token_is_told_as_what_it_is(body: bytes, words: str) -> None:
    bench = Bench(OK, tokens=HttpResponse(status=200, body=body))
    assert bench.ask().action == "held"
    assert f"http://accounts.test gives no token (the answer holds no token: {words}" in bench.caller.halted
    assert not bench.tally.calls


@pytest.mark.parametrize(
    ("header", "seconds"), [("90000", 90_000), ("Sun, 01 Nov 2026 20:00:00 GMT", 8 * 3600)]
)
def test_a_ban_is_kept_whatever_its_length_and_form(header: str, seconds: float) -> None:
    bench = Bench(error(429, retry=header))
    assert bench.ask().action == "held"
    assert bench.caller.parked is not None
    left = (bench.caller.parked.until - bench.clock.now()).total_seconds()
    assert left == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("header", ["0", "-5", "soon", ""])
def test_a_wait_that_means_nothing_is_no_tight_loop_and_no_ban(header: str) -> None:
    bench = Bench(*[error(429, retry=header)] * 4, OK)
    assert bench.ask().action == "accept"
    assert sum(bench.clock.slept) > 0.25 * (1 + 2 + 4)


def test_refusals_without_end_are_left_alone_at_last() -> None:
    bench = Bench(error(429, retry="1"))
    assert bench.ask().action == "held"
    assert bench.tally.calls["artist"] <= 60
    assert bench.caller.parked is not None
