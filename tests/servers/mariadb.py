"""MariaDB, from Debian packages."""

from __future__ import annotations

import getpass
import itertools
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.process import Launch, accepts, free_ports, needed, running, temporary_folder

_QUICK = ("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-log-bin")
_PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


@dataclass
class MariaDB:
    """A running server; every address holds the password of its root.

    Attributes:
        process: The server, for tests that end or stop it.
    """

    port: int
    password: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, user: str = "root", password: str | None = None) -> str:
        """Give the address of a database, for a user."""
        return f"mysql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; give its address."""
        import pymysql

        name = f"test_{next(self._numbers)}"
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user="root", password=self.password)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"create database {name}")
        return self.url(name)


@contextmanager
def mariadb_server() -> Iterator[MariaDB]:
    """Run a server of one's own."""
    with mariadb_folder() as folder, mariadb_on(folder) as server:
        yield server


@contextmanager
def mariadb_folder() -> Iterator[Path]:
    """Give a folder with new data, on which one server after the other may run."""
    with temporary_folder() as folder:
        _data(folder, _program("mariadb-install-db"), secrets.token_hex(8))
        yield folder


@contextmanager
def mariadb_on(folder: Path, *options: str) -> Iterator[MariaDB]:
    """Run a server on a folder of `mariadb_folder`; it ends as by a loss of power."""
    server, port = _program("mariadbd"), 0

    def launch() -> Launch:
        nonlocal port
        (port,) = free_ports(1)
        command = [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
        command += [
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder / 's'}",
            "--skip-name-resolve",
        ]
        command += [f"--pid-file={folder / 'pid'}", f"--init-file={folder / 'first.sql'}", *_QUICK, *options]
        return Launch(command, lambda: accepts(port))

    with running("MariaDB", launch) as process:
        yield MariaDB(port, (folder / "password").read_text("ascii"), process)


def _program(name: str) -> str:
    return needed("MariaDB", shutil.which(name, path=_PLACES))


def _data(folder: Path, install: str, password: str) -> None:
    (folder / "password").write_text(password, encoding="ascii")
    first = folder / "first.sql"
    root = "root@'127.0.0.1'"
    statements = (
        f"create or replace user {root} identified by '{password}';",
        f"grant all on *.* to {root} with grant option;",
    )
    first.write_text("\n".join(statements) + "\n", encoding="ascii")
    command = [install, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
    command += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """Return the session's MariaDB; make a database of your own with `new_database()`."""
    with mariadb_server() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb: MariaDB) -> str:
    """Return the address of a new, empty database."""
    return mariadb.new_database()
