"""An S3 server, from a Python package."""

from __future__ import annotations

import itertools
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.servers.process import Launch, accepts, free_ports, running, temporary_folder

REGION = "us-east-1"


@dataclass
class S3:
    """A running server that checks signatures and conditional writes.

    Attributes:
        endpoint: "http://127.0.0.1:PORT".
        process: The server, for tests that end or stop it.
    """

    endpoint: str
    access_key: str
    secret_key: str
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def environ(self) -> dict[str, str]:
        """The variables by which any client of S3 finds the server and may use it."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
        }

    def client(self, secret_key: str = "") -> Any:
        """Open a client of the server."""
        return _client(self.endpoint, self.access_key, secret_key or self.secret_key)

    def new_bucket(self) -> str:
        """Make an empty bucket; give its name."""
        name = f"bucket-{next(self._numbers)}"
        self.client().create_bucket(Bucket=name)
        return name


@contextmanager
def s3_server() -> Iterator[S3]:
    """Run a server of one's own."""
    access_key, secret_key = secrets.token_hex(8), secrets.token_hex(16)
    with temporary_folder() as folder:
        config = folder / "s3.json"
        identity = {
            "name": "tests",
            "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.write_text(json.dumps({"identities": [identity]}), encoding="ascii")
        endpoint = ""

        def launch() -> Launch:
            nonlocal endpoint
            ports = free_ports(8)
            endpoint = f"http://127.0.0.1:{ports[0]}"
            return Launch(_command(folder, config, ports), lambda: _answers(endpoint, access_key, secret_key))

        with running("the S3 server", launch) as process:
            yield S3(endpoint, access_key, secret_key, process)


def _command(folder: Path, config: Path, ports: list[int]) -> list[str]:
    program = Path(sys.executable).parent / "weed"
    parts = [f"{part}.port{kind}" for part in ("s3", "master", "volume", "filer") for kind in ("", ".grpc")]
    return [
        str(program),
        f"-logdir={folder}",
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.config={config}",
        *(f"-{part}={port}" for part, port in zip(parts, ports, strict=True)),
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-webdav=false",
        "-admin.ui=false",
        f"-filer.localSocket={folder}/filer.sock",
        f"-s3.localSocket={folder}/s3.sock",
    ]


def _client(endpoint: str, access_key: str, secret_key: str) -> Any:
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=REGION,
    )


def _answers(endpoint: str, access_key: str, secret_key: str) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    if not accepts(int(endpoint.rpartition(":")[2])):
        return False
    try:
        client = _client(endpoint, access_key, secret_key)
        client.create_bucket(Bucket="first")
        client.put_object(Bucket="first", Key="first", Body=b"1")
    except (BotoCoreError, ClientError):  # not all of its parts are up
        return False
    return True


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """Return the session's S3 server; make a bucket of your own with `new_bucket()`."""
    with s3_server() as server:
        yield server


@pytest.fixture
def s3_bucket(s3: S3) -> str:
    """Return the name of a new, empty bucket."""
    return s3.new_bucket()
