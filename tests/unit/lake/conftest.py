"""A lake in a temporary folder whose pages are plain."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.lake.pages import read

from tunelake.lake.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", reader=read)
