from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig

Get = Callable[..., Any]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return open_catalogue(artists=200, seed=7, directory=None)


def visit(ready: Ready, session: requests.Session) -> Get:
    """A function that calls the API with a fresh token and checks the status."""
    form = {"grant_type": "client_credentials"}
    secret = (ready.client_id, ready.client_secret)
    given = session.post(f"{ready.accounts_url}/api/token", data=form, auth=secret, timeout=10).json()
    session.headers["Authorization"] = f"Bearer {given['access_token']}"

    def get(path: str, status: int = 200) -> Any:
        answer = session.get(f"{ready.api_url}{path}", timeout=10)
        assert answer.status_code == status, (path, answer.text)
        return answer.json()

    return get


@pytest.fixture(scope="session")
def extended(catalogue: Catalogue) -> Iterator[Get]:
    with running(SandboxConfig(), catalogue) as ready, requests.Session() as session:
        yield visit(ready, session)


@pytest.fixture(scope="session")
def development(catalogue: Catalogue) -> Iterator[Get]:
    config = SandboxConfig(profile="development")
    with running(config, catalogue) as ready, requests.Session() as session:
        yield visit(ready, session)
