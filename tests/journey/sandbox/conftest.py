from __future__ import annotations

import pytest

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return open_catalogue(artists=200, seed=7, directory=None)
