"""What the sandbox tells of a logged-in user has the shape of the recorded answers, and pages as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.contract.sandbox_fidelity.conftest import Get, visit
from tests.contract.sandbox_fidelity.test_sandbox_fidelity_openapi import CATALOGUE, checker, document
from tests.contract.sandbox_fidelity.test_sandbox_fidelity_shapes import differences, recorded

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.accounts import challenge_of
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.sandbox.server.listening import Listening
from tunelake.sandbox.server.routes import ENDPOINTS

__all__ = ["document", "recorded"]  # fixtures of the other files
REDIRECT = "http://127.0.0.1:9/callback"
SCOPES = "user-read-recently-played user-top-read"
RECENT = "/me/player/recently-played"


def as_user(ready: Ready, session: requests.Session, scope: str) -> Get:
    asked = {
        "client_id": ready.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": scope,
        "code_challenge_method": "S256",
        "code_challenge": challenge_of("v" * 43),
    }
    url = f"{ready.accounts_url}/authorize"
    sent = session.get(url, params=asked, allow_redirects=False, timeout=10).headers["Location"]
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(sent).query)["code"][0],
        "redirect_uri": REDIRECT,
        "client_id": ready.client_id,
        "code_verifier": "v" * 43,
    }
    given = session.post(f"{ready.accounts_url}/api/token", data=form, timeout=10).json()
    headers = {"Authorization": f"Bearer {given['access_token']}"}

    def get(path: str, status: int = 200) -> Any:
        answer = session.get(f"{ready.api_url}{path}", headers=headers, timeout=10)
        assert answer.status_code == status, (path, answer.text)
        return answer.json()

    return get


@pytest.fixture(scope="module")
def ready(catalogue: Catalogue) -> Iterator[Ready]:
    with running(SandboxConfig(), catalogue) as ready:
        yield ready


@pytest.fixture(scope="module")
def user(ready: Ready) -> Iterator[Get]:
    with requests.Session() as session:
        yield as_user(ready, session, SCOPES)


@pytest.mark.shared
@pytest.mark.parametrize("age", ["before", "after"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("recently_played_tracks", f"{RECENT}?limit=20"),
        ("top_artists", "/me/top/artists?limit=20"),
        ("top_tracks", "/me/top/tracks?limit=20"),
    ],
)
def test_shapes(name: str, path: str, age: str, recorded: Callable[[str], Any], user: Get) -> None:
    found = differences(user(path), recorded(f"{age}_2026-03/{name}"))
    # Told or not by market, and null where nothing was played from a list: either is as recorded.
    assert [one for one in found if "is_playable" not in one and ".context" not in one] == []


@pytest.mark.shared
@pytest.mark.parametrize("template", sorted(set(ENDPOINTS) - CATALOGUE))
def test_answers_are_as_described(template: str, document: dict[str, Any], user: Get) -> None:
    checker(document)(template, "200", user(template.removeprefix("/v1")))


def test_recent_plays_page_by_cursor(user: Get) -> None:
    everything = [one["played_at"] for one in user(f"{RECENT}?limit=50")["items"]]
    assert len(everything) == 50
    assert everything == sorted(everything, reverse=True)
    found: list[str] = []
    path: str | None = f"{RECENT}?limit=20"
    while path:
        page = user(path)
        found += [one["played_at"] for one in page["items"]]
        path = page["next"] and page["next"].partition("/v1")[2]
    assert found[:49] == everything[:49]
    cursor = user(f"{RECENT}?limit=10")["cursors"]["before"]
    assert len(user(f"{RECENT}?after={cursor}&limit=50")["items"]) in (9, 10)


@pytest.mark.parametrize("query", ["after=1&before=2", "after=x", "limit=51", "limit=0"])
def test_odd_cursors_are_refused(query: str, user: Get) -> None:
    user(f"{RECENT}?{query}", 400)


def test_who_may_ask(ready: Ready, user: Get) -> None:
    assert user("/me")["type"] == "user"
    assert user("/me/top/tracks?time_range=short_term") != user("/me/top/tracks?time_range=long_term")
    user("/me/top/tracks?time_range=ever", 400)
    with requests.Session() as session:
        visit(ready, session)("/me", 401)
    with requests.Session() as session:
        as_user(ready, session, "")(RECENT, 403)


def test_plays_are_the_same_at_every_start_and_go_on(catalogue: Catalogue) -> None:
    at = 1_700_000_000.0
    first = Listening(210, lambda: at).recent(catalogue, "ann")
    again = Listening(210, lambda: at).recent(catalogue, "ann")
    later = Listening(210, lambda: at + 2100).recent(catalogue, "ann")
    assert first == again
    assert set(later[12:]) <= set(first)
    assert len(set(later) - set(first)) in (9, 10, 11)
    assert Listening(210, lambda: at).recent(catalogue, "bob") != first
