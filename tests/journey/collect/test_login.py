"""Logging in at a real sandbox, with a client that follows redirects in place of a browser."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import requests

from tunelake.collect.aiohttp_transport import AiohttpTransport
from tunelake.collect.jobs.loop import SystemClock
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.job import log_in, with_session
from tunelake.collect.login.pkce import Login, authorize_url, code_in
from tunelake.collect.login.session import LoginSession
from tunelake.errors import ConfigError, Retryable
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import SandboxConfig
from tunelake.settings import Settings


@pytest.fixture(scope="module")
def world() -> Catalogue:
    return open_catalogue(artists=60, seed=7, directory=None)


@pytest.fixture
def settings(world: Catalogue, tmp_path: Path) -> Iterator[Settings]:
    with running(SandboxConfig(), world) as ready:
        yield Settings(
            home=tmp_path / "home",
            spotify_api_url=ready.api_url,
            spotify_accounts_url=ready.accounts_url,
            spotify_client_id=ready.client_id,
        )


@pytest.fixture
def files(tmp_path: Path) -> LoginFiles:
    return LoginFiles(tmp_path / "home", keyring=False)


def browse(url: str) -> None:
    threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}, daemon=True).start()


def enter(settings: Settings, files: LoginFiles, **options: Any) -> Login:
    return log_in(settings, files, SystemClock(), options.pop("show", browse), wait_s=10, **options)


def access(settings: Settings, files: LoginFiles, refused: str = "") -> Login:
    return with_session(settings, files, SystemClock(), lambda session: session.access(refused))


def test_a_user_logs_in_and_only_they_can_read_the_tokens(settings: Settings, files: LoginFiles) -> None:
    asked: list[str] = []

    def show(url: str) -> None:
        asked.append(url)
        browse(url)

    login = enter(settings, files, show=show)
    query = parse_qs(urlsplit(asked[0]).query)
    assert query["redirect_uri"][0].startswith("http://127.0.0.1:")
    assert query["code_challenge_method"] == ["S256"]
    assert login.source == "sandbox"
    assert files.read() == login
    assert stat.S_IMODE(files.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.path.parent.stat().st_mode) == 0o700
    assert login.access not in repr(login)
    headers = {"Authorization": f"Bearer {login.access}"}
    me = requests.get(f"{settings.spotify_api_url}/me", headers=headers, timeout=10)
    assert me.json()["id"] == login.user_id


def test_a_token_is_renewed_and_its_successor_kept(settings: Settings, files: LoginFiles) -> None:
    first = enter(settings, files)
    assert access(settings, files) == first
    second = access(settings, files, refused=first.access)
    assert second.access != first.access
    assert second.refresh != first.refresh
    assert files.read() == second
    assert second.since == first.since


def test_many_at_once_renew_once(settings: Settings, files: LoginFiles) -> None:
    first = enter(settings, files)

    async def many() -> list[Login]:
        transport = AiohttpTransport()
        sessions = [LoginSession(settings, transport, files, SystemClock()) for _ in range(8)]
        try:
            return await asyncio.gather(*(one.access(refused=first.access) for one in sessions))
        finally:
            await transport.close()

    # The sandbox kills a refresh token at its first use: a second use would end the login.
    assert len({login.access for login in asyncio.run(many())}) == 1


def test_a_dead_refresh_token_means_to_log_in_again(settings: Settings, files: LoginFiles) -> None:
    login = enter(settings, files)
    files.write(msgspec.structs.replace(login, refresh="dead"))
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"invalid_grant.*tunelake login"):
            access(settings, files, refused=login.access)
    kept = files.read()
    assert kept is not None
    assert (kept.user_id, kept.access, kept.refresh) == (login.user_id, "", "")
    assert enter(settings, files).ended == ""


def test_another_state_is_refused(settings: Settings, files: LoginFiles) -> None:
    def forge(url: str) -> None:
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        browse(f"{redirect}?code=stolen&state=other")

    with pytest.raises(ConfigError, match="another state"):
        enter(settings, files, show=forge)
    assert files.read() is None


def test_who_does_not_agree_is_not_logged_in(settings: Settings, files: LoginFiles) -> None:
    with pytest.raises(ConfigError, match="access_denied"):
        enter(settings, files, show=lambda url: browse(url + "&answer=no"))
    with pytest.raises(Retryable, match="nobody agreed"):
        log_in(settings, files, SystemClock(), lambda _: None, wait_s=0.1)
    with pytest.raises(ConfigError, match="nobody is logged in"):
        access(settings, files)


def test_a_login_is_for_one_server(settings: Settings, files: LoginFiles) -> None:
    enter(settings, files)
    other = msgspec.structs.replace(settings, spotify_api_url="http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match="log in again"):
        access(other, files)


def test_a_damaged_login_is_told(files: LoginFiles) -> None:
    files.path.parent.mkdir(parents=True)
    files.path.write_bytes(b'{"user_id": 5')
    with pytest.raises(ConfigError, match="damaged"):
        files.read()


def test_a_login_lasts_six_months() -> None:
    url = authorize_url("http://a", "id", "http://127.0.0.1:1/callback", "s", "v" * 43)
    assert "state=s" in url
    assert "localhost" not in url
    assert code_in("/callback?code=c&state=s", "s") == "c"
    since = datetime(2026, 1, 1, tzinfo=UTC)
    login = Login(
        user_id="u", source="sandbox", server="", accounts="", client_id="", scope="", access="a",
        access_until=since + timedelta(hours=1), refresh="r", since=since,
    )  # fmt: skip
    assert login.ends == datetime(2026, 7, 2, tzinfo=UTC)
    assert login.is_fresh(since)
    assert not login.is_fresh(since, refused="a")
    assert not login.is_fresh(since + timedelta(minutes=59, seconds=30))
    assert json.loads(msgspec.json.encode(login))["user_id"] == "u"
