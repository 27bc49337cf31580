"""A real Prometheus that scrapes what it is told, and its tool that checks metrics."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.servers.process import Launch, free_ports, needed, running, temporary_folder

FOLDER = Path(sys.prefix) / "prometheus"
PATIENCE_S = 20.0


def program(name: str) -> str:
    """Return where a program of Prometheus is; skip the test where it is missing."""
    own = FOLDER / name
    return needed("Prometheus", str(own) if own.exists() else shutil.which(name))


@dataclass
class Prometheus:
    """A running server that scrapes once a second.

    Attributes:
        url: "http://127.0.0.1:PORT".
    """

    url: str

    def value(self, query: str) -> float:
        """Return the one value of a query, as soon as it has one."""
        end = time.monotonic() + PATIENCE_S
        asked = f"{self.url}/api/v1/query?{urlencode({'query': query})}"
        while time.monotonic() < end:
            with urllib.request.urlopen(asked, timeout=5) as response:  # noqa: S310  (our own server)
                found = json.load(response)["data"]["result"]
            if found:
                assert len(found) == 1, found
                return float(found[0]["value"][1])
            time.sleep(0.1)
        raise AssertionError(f"Prometheus has no value of {query}")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5):
            return True
    except OSError:
        return False


def check_metrics(text: bytes) -> str:
    """Let Prometheus's own tool read metrics; gives what it finds fault with."""
    command = [program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, check=False, timeout=30)
    return (done.stdout + done.stderr).decode()


@contextmanager
def prometheus_server(target: str) -> Iterator[Prometheus]:
    """Run a server that scrapes "HOST:PORT"/metrics."""
    found = program("prometheus")
    with temporary_folder() as folder:
        settings = folder / "prometheus.yml"
        settings.write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: tunelake, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        port = 0

        def launch() -> Launch:
            nonlocal port
            (port,) = free_ports(1)
            command = [
                found,
                f"--config.file={settings}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ]
            return Launch(command, lambda: _is_ready(port))

        with running("Prometheus", launch):
            yield Prometheus(f"http://127.0.0.1:{port}")
