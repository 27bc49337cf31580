from __future__ import annotations

import gzip
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import requests

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue, Hits, Kind, Query
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Client, Quota, Ready, SandboxConfig, WindowLimit

BTS = "방탄소년단"
SERVE = """
import msgspec
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import serve
from tunelake.sandbox.server.config import SandboxConfig
catalogue = open_catalogue(artists=10, seed=1, directory=None)
serve(SandboxConfig(), catalogue, lambda ready: print(msgspec.json.encode(ready).decode(), flush=True))
"""


@contextmanager
def visiting(ready: Ready, client: Client | None = None) -> Iterator[requests.Session]:
    who = client or Client(ready.client_id, ready.client_secret)
    with requests.Session() as session:
        answer = session.post(
            f"{ready.accounts_url}/api/token",
            data={"grant_type": "client_credentials"},
            auth=(who.id, who.secret),
            timeout=5,
        )
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield session


def search(session: requests.Session, ready: Ready, **params: str) -> requests.Response:
    asked = {"q": BTS, "type": "artist", **params}
    return session.get(f"{ready.api_url}/search", params=asked, timeout=5)


def control(ready: Ready) -> Any:
    return requests.get(ready.control_url, timeout=10).json()


def test_from_token_to_answer_and_everything_is_counted(catalogue: Catalogue) -> None:
    with running(SandboxConfig(), catalogue) as ready, visiting(ready) as session:
        assert ready.api_url == f"{ready.accounts_url}/v1"
        answer = search(session, ready)
        assert answer.json()["artists"]["items"][0]["name"] == "BTS"
        assert answer.headers["Content-Type"].startswith("application/json")
        again = session.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert session.get(f"{ready.api_url}/artists/nonsense").status_code == 400
        for url in (answer.url, f"{ready.accounts_url}/api/token", ready.control_url, f"{ready.api_url}/x"):
            assert session.get(url).headers["Tunelake-Sandbox"].startswith("rights=all; label=")
        seen = control(ready)
        assert (seen["requests"], seen["catalogue"], seen["token"]) == (7, 5, 1)
        assert seen["by_status"] == {"200": 3, "304": 1, "400": 1, "404": 2}
        assert seen["by_endpoint"]["/v1/search"] == 3
        assert seen["by_endpoint"]["/v1/artists/{id}"] == 1
        assert seen["bytes"] > 1000


def test_gzip_for_those_who_take_it(catalogue: Catalogue) -> None:
    with running(SandboxConfig(), catalogue) as ready, visiting(ready) as session:
        url = f"{ready.api_url}/search?q=a&type=artist&limit=20"
        packed = session.get(url, headers={"Accept-Encoding": "gzip"}, stream=True)
        plain = session.get(url, headers={"Accept-Encoding": "identity"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        raw = packed.raw.read(decode_content=False)
        assert gzip.decompress(raw) == plain.content
        assert len(raw) < len(plain.content)


def test_tokens_expire(catalogue: Catalogue) -> None:
    with running(SandboxConfig(token_lifetime_s=0.2), catalogue) as ready, visiting(ready) as session:
        assert search(session, ready).status_code == 200
        time.sleep(0.25)
        expired = search(session, ready)
        assert expired.status_code == 401
        assert expired.json() == {"error": {"status": 401, "message": "The access token expired"}}


def test_wrong_secret(catalogue: Catalogue) -> None:
    with running(SandboxConfig(), catalogue) as ready:
        answer = requests.post(
            f"{ready.accounts_url}/api/token",
            data={"grant_type": "client_credentials"},
            auth=(ready.client_id, "wrong"),
            timeout=10,
        )
        assert answer.status_code == 400
        assert answer.json() == {"error": "invalid_client", "error_description": "Invalid client secret"}


def test_limit_and_quota(catalogue: Catalogue) -> None:
    other = Client("second", "app")
    config = SandboxConfig(limits=(WindowLimit(2, 0.5),), quota=Quota(5, 72_000), more_clients=(other,))
    with running(config, catalogue) as ready, visiting(ready) as one, visiting(ready, other) as two:
        assert [search(one, ready).status_code for _ in range(3)] == [200, 200, 429]
        assert [search(two, ready).status_code for _ in range(3)] == [200, 200, 429]
        time.sleep(0.6)
        assert search(one, ready).status_code == 200
        over = search(two, ready)
        assert over.status_code == 429
        assert over.json()["error"]["reason"] == "QUOTA_EXCEEDED"
        assert over.headers["Retry-After"] == "72000"
        assert control(ready)["by_status"]["429"] == 3


def test_server_errors_have_bodies(catalogue: Catalogue) -> None:
    with running(SandboxConfig(rate_5xx=1), catalogue) as ready:
        statuses = set()
        for _ in range(12):
            answer = requests.post(f"{ready.accounts_url}/api/token", data={}, timeout=10)
            assert answer.json()["error"]["status"] == answer.status_code
            statuses.add(answer.status_code)
        assert statuses == {500, 502, 503}


@contextmanager
def harmed(catalogue: Catalogue, **harm: float) -> Iterator[tuple[Ready, requests.Session]]:
    """A server where about half of the calls are harmed; whoever wants a token tries until there is one."""
    config = msgspec.convert({"seed": 5, **harm}, SandboxConfig)
    with running(config, catalogue) as ready, ExitStack() as stack:
        for _ in range(50):
            try:
                session = stack.enter_context(visiting(ready))
            except (requests.RequestException, KeyError, ValueError):
                continue
            break
        else:
            pytest.fail("no token in 50 attempts")
        yield ready, session


def test_connections_are_cut_in_mid_body(catalogue: Catalogue) -> None:
    with harmed(catalogue, rate_cut=0.5) as (ready, session):
        outcomes: set[int | str] = set()
        for _ in range(20):
            try:
                outcomes.add(search(session, ready).status_code)
            except requests.exceptions.ChunkedEncodingError:
                outcomes.add("cut")
        assert outcomes == {200, "cut"}
        assert control(ready)["by_fault"]["cut"] > 3


def test_bodies_are_malformed(catalogue: Catalogue) -> None:
    with harmed(catalogue, rate_malformed=0.6) as (ready, session):
        kinds = set()
        for _ in range(30):
            answer = search(session, ready)
            assert answer.status_code == 200
            if answer.headers["Content-Type"].startswith("text/html"):
                kinds.add("html")
                continue
            try:
                json.loads(answer.content)
                kinds.add("good")
            except ValueError:
                kinds.add("truncated")
        assert kinds == {"good", "html", "truncated"}


def test_slow_bodies_and_latency(catalogue: Catalogue) -> None:
    with harmed(catalogue, rate_slow=0.5, slow_s=0.3, latency_s=0.02) as (ready, session):
        seconds = []
        for _ in range(14):
            start = time.perf_counter()
            assert search(session, ready).json()["artists"]["total"] >= 1
            seconds.append(time.perf_counter() - start)
        assert min(seconds) >= 0.02
        assert max(seconds) >= 0.3


def test_same_seed_same_faults(catalogue: Catalogue) -> None:
    def statuses(seed: int) -> list[int]:
        with running(SandboxConfig(rate_5xx=0.4, seed=seed), catalogue) as ready:
            urls = [f"{ready.api_url}/artists/{number}" for number in range(20)]
            return [requests.get(url, timeout=10).status_code for url in urls]

    assert statuses(1) == statuses(1) != statuses(2)


def test_shifting_offsets_double_and_skip(catalogue: Catalogue) -> None:
    with running(SandboxConfig(rate_shift=1), catalogue) as ready, visiting(ready) as session:
        url: str | None = f"{ready.api_url}/search?q=a&type=artist&limit=5"
        ids: list[str] = []
        total = 0
        while url and len(ids) < 60:
            page = session.get(url).json()["artists"]
            ids += [one["id"] for one in page["items"]]
            total, url = page["total"], page["next"]
        assert total > 5
        assert len(set(ids)) < min(total, len(ids) + 1)


def test_a_busy_port_is_named(catalogue: Catalogue) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        server = running(SandboxConfig(port=port), catalogue)
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is in use"):
            server.__enter__()


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_an_impossible_address_is_named(catalogue: Catalogue, host: str) -> None:
    server = running(SandboxConfig(host=host), catalogue)
    with pytest.raises(ConfigError, match=f"cannot listen on {host}"):
        server.__enter__()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_in_the_foreground_until_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, text=True) as process:
        assert process.stdout is not None
        ready = msgspec.json.decode(process.stdout.readline(), type=Ready)
        with visiting(ready) as session:
            assert search(session, ready).status_code == 200
            process.send_signal(number)
            assert process.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []


class Slow:
    """A catalogue whose searches take a while; all else is that of another."""

    def __init__(self, inner: Catalogue) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def search(self, kind: Kind, query: Query, *, offset: int, limit: int) -> Hits:
        time.sleep(1)
        return self._inner.search(kind, query, offset=offset, limit=limit)


def test_a_slow_search_keeps_nobody_waiting(catalogue: Catalogue) -> None:
    artist = catalogue.search("artist", Query(text=BTS), offset=0, limit=1).ids[0]
    slow = cast("Catalogue", Slow(catalogue))
    with running(SandboxConfig(), slow) as ready, visiting(ready) as session:
        statuses: list[int] = []
        asker = threading.Thread(target=lambda: statuses.append(search(session, ready).status_code))
        asker.start()
        time.sleep(0.2)
        with requests.Session() as other:
            other.headers.update(session.headers)
            assert other.get(f"{ready.api_url}/artists/{artist}", timeout=5).status_code == 200
        assert statuses == []
        asker.join()
        assert statuses == [200]


def test_many_clients_at_once(catalogue: Catalogue) -> None:
    with running(SandboxConfig(), catalogue) as ready, visiting(ready) as session:
        artist = search(session, ready).json()["artists"]["items"][0]["id"]

        def ask() -> None:
            with requests.Session() as own:
                own.headers.update(session.headers)
                for _ in range(50):
                    assert own.get(f"{ready.api_url}/artists/{artist}").status_code == 200

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert control(ready)["by_endpoint"]["/v1/artists/{id}"] == 200
