from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ServeSandbox
from tests.journey.path.homes import Home

MakeHome = Callable[..., Home]


@pytest.fixture
def make_home(serve_sandbox: ServeSandbox, tmp_path: Path) -> MakeHome:
    """Return a function that starts a sandbox with options and gives an empty home that asks it."""
    made: list[Home] = []

    def make(*options: str, **settings: str) -> Home:
        made.append(Home(tmp_path / f"home-{len(made)}", serve_sandbox(*options), **settings))
        return made[-1]

    return make
