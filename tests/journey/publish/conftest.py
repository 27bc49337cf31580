"""Two states of what was built: a few artists, and more of them; and the combinations of stores."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import sandbox_process
from tests.journey.path.homes import CREDENTIALS

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.settings import load

FEW = ("BTS", "BLACKPINK")
MORE = ("Adele", "SHINee")
COMBINATIONS = ("PostgreSQL, Valkey, tantivy", "MariaDB, DynamoDB, names in the catalogue")

Settings = Mapping[str, str]


class Built:
    """Two homes: of the few, and of all; and the settings of any home beside them."""

    def __init__(self, folder: Path, ready: Settings) -> None:
        self.told = {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in CREDENTIALS}
        self.few, self.all = folder / "few", folder / "all"
        self._collect(self.few, FEW)
        shutil.copytree(self.few, self.all)
        self._collect(self.all, MORE)

    def environ(self, home: Path, stores: Settings) -> dict[str, str]:
        """The variables of a process that works on a home with some stores."""
        return os.environ | self.told | {"TUNELAKE_HOME": str(home)} | dict(stores)

    @contextmanager
    def opened(self, home: Path, stores: Settings) -> Iterator[Tunelake]:
        """Open a home with some stores."""
        opened = Tunelake(load(self.environ(home, stores)))
        try:
            yield opened
        finally:
            opened.stores.documents.close()
            opened.stores.catalogue.close()

    def half(self, folder: Path) -> Path:
        """Make a home in which all were built and the stores of the home still serve the few."""
        home = folder / "half"
        shutil.copytree(self.all, home)
        shutil.rmtree(home / "serving")
        shutil.copytree(self.few / "serving", home / "serving")
        return home

    def _collect(self, home: Path, names: tuple[str, ...]) -> None:
        with self.opened(home, {}) as opened:
            opened.collect_artists(names=names, with_=("albums", "top-tracks", "features"))
            opened.build()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Return the two homes, built once; do not change them: copy them."""
    with sandbox_process("--artists", "20") as ready:
        yield Built(tmp_path_factory.mktemp("built"), ready)


@pytest.fixture(params=COMBINATIONS)
def stores(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the settings of a combination of empty stores."""
    if request.param.startswith("PostgreSQL"):
        return {
            "TUNELAKE_CATALOGUE_URL": str(request.getfixturevalue("postgres_url")),
            "TUNELAKE_DOCUMENTS_URL": str(request.getfixturevalue("valkey_url")),
            "TUNELAKE_NAMES": "tantivy",
        }
    for name, value in request.getfixturevalue("dynamodb").new_environ().items():
        monkeypatch.setenv(name, value)
    return {
        "TUNELAKE_CATALOGUE_URL": str(request.getfixturevalue("mariadb_url")),
        "TUNELAKE_DOCUMENTS_URL": "dynamodb://tunelake",
        "TUNELAKE_NAMES": "catalogue",
    }
