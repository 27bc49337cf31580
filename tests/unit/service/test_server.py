from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tunelake.errors import ConfigError
from tunelake.service.answer import Answerer
from tunelake.service.granian_server import running, serve
from tunelake.service.litestar_app import create_app
from tunelake.service.memory import MemoryCatalogue

SERVE = """
from tunelake.service.answer import Answerer
from tunelake.service.granian_server import serve
from tunelake.service.litestar_app import create_app
from tunelake.service.memory import MemoryCatalogue
catalogue = MemoryCatalogue()
serve(create_app(Answerer(catalogue, catalogue)), port=0, ready=lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


def test_a_busy_port_is_the_users_to_change() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}.*--port 0"):
            serve(None, port=port)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70000), ("no.such.host.invalid", 0)])
def test_an_address_that_cannot_be_had(host: str, port: int) -> None:
    with pytest.raises(ConfigError, match="choose another port"):
        serve(None, host=host, port=port)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_it_is_stopped(name: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as response:  # noqa: S310  (our own server)
            assert response.status == 200
        process.send_signal(name)
        said, _ = process.communicate(timeout=10)

    assert process.returncode == 0
    assert said.strip() == "stopped"


def test_runs_beside_other_work_and_frees_its_port() -> None:
    catalogue = MemoryCatalogue()
    with running(create_app(Answerer(catalogue, catalogue))) as url:
        port = int(url.rsplit(":", 1)[1])
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as response:  # noqa: S310  (our own server)
            assert response.status == 200
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
