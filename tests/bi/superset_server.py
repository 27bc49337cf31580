"""A real Superset of its own environment (`make test-bi` makes it), in a temporary folder."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.servers.process import Launch, accepts, free_ports, running, temporary_folder

PROGRAM = os.environ.get("SUPERSET", "")
"""The program; `make test-bi` says where its own is."""

LOGIN = "admin"
_CONFIG = """
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""


@dataclass
class Superset:
    """A running server.

    Attributes:
        url: "http://127.0.0.1:PORT".
        password: Of its administrator.
    """

    url: str
    password: str
    _token: str = ""

    def call(self, route: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Ask its API as the administrator; give the answer."""
        headers = {"Content-Type": kind} if body is not None else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        try:
            with opener.open(Request(f"{self.url}/api/v1/{route}", body, headers), timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{route}: {error.code} {error.read().decode()}") from error

    def log_in(self) -> None:
        """Get what the API lets in by."""
        body = {"username": LOGIN, "password": self.password, "provider": "db", "refresh": False}
        self._token = self.call("security/login", json.dumps(body).encode())["access_token"]

    def import_dashboards(self, bundle: bytes, passwords: dict[str, str]) -> None:
        """Import a bundle as its page does: the file and the passwords that it leaves out."""
        border = secrets.token_hex(16)
        fields = {"passwords": json.dumps(passwords), "overwrite": "true"}
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{border}\r\nContent-Disposition: form-data; name="formData"; filename="bundle.zip"\r\n'
        parts += [head.encode(), b"Content-Type: application/zip\r\n\r\n", bundle, b"\r\n"]
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        told = self.call("dashboard/import/", body, f"multipart/form-data; boundary={border}")
        assert told == {"message": "OK"}, told


@contextmanager
def superset_server() -> Iterator[Superset]:
    """Make a Superset with an administrator, and run it."""
    password = secrets.token_hex(8)
    with temporary_folder() as folder:
        config = folder / "superset_config.py"
        config.write_text(_CONFIG.format(secret=secrets.token_hex(32), folder=folder))
        told = {"SUPERSET_CONFIG_PATH": str(config), "SUPERSET_HOME": str(folder), "FLASK_APP": "superset"}
        admin = ["--username", LOGIN, "--firstname", "A", "--lastname", "B", "--email", "a@example.org"]
        for words in (
            ["db", "upgrade"],
            ["fab", "create-admin", *admin, "--password", password],
            ["init"],
        ):
            done = subprocess.run(
                [PROGRAM, *words], env=os.environ | told, capture_output=True, text=True, timeout=600,
                check=False, cwd=folder,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
        port = 0

        def launch() -> Launch:
            nonlocal port
            (port,) = free_ports(1)
            application = "superset.app:create_app()"
            command = [str(Path(PROGRAM).with_name("gunicorn")), "-w", "1", "-k", "gthread", "--threads", "8"]
            command += ["--timeout", "120", "-b", f"127.0.0.1:{port}", application]
            return Launch(command, lambda: accepts(port), folder=folder, environ=told)

        with running("Superset", launch, seconds=180):
            server = Superset(f"http://127.0.0.1:{port}", password)
            server.log_in()
            yield server
