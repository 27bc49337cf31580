"""The API of DynamoDB: AWS's own DynamoDB Local, on Java from Debian."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.process import Launch, accepts, free_ports, needed, running, temporary_folder

REGION = "eu-west-1"
FOLDER = Path(sys.prefix) / "dynamodb-local"


@dataclass
class DynamoDB:
    """A running server, in memory. It checks no secret; each access key sees tables of its own.

    Attributes:
        endpoint: "http://127.0.0.1:PORT".
        process: The server, for tests that end or stop it.
    """

    endpoint: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_environ(self) -> dict[str, str]:
        """Give the variables by which any client finds the server, for an account without tables."""
        return {
            "AWS_ACCESS_KEY_ID": f"tests{next(self._numbers)}",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
        }


@contextmanager
def dynamodb_server() -> Iterator[DynamoDB]:
    """Run a server of one's own."""
    java = needed("Java", shutil.which("java"))
    jar = FOLDER / "emulator" / "DynamoDBLocal.jar"
    needed("DynamoDB Local", str(jar) if jar.exists() else None)
    with temporary_folder() as folder:
        port = 0

        def launch() -> Launch:
            nonlocal port
            (port,) = free_ports(1)
            libraries = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
            # One thread of collector and quick compiler alone: it lives for a minute.
            command = [
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                f"-Djava.io.tmpdir={folder}",
                libraries,
            ]
            command += ["-jar", str(jar), "-inMemory", "-disableTelemetry", "-port", str(port)]
            return Launch(command, lambda: accepts(port), folder=folder)

        with running("DynamoDB Local", launch) as process:
            yield DynamoDB(f"http://127.0.0.1:{port}", process)


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[DynamoDB]:
    """Return the session's DynamoDB; take an account of your own with `new_environ()`."""
    with dynamodb_server() as server:
        yield server
