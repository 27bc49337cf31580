"""Sandboxes: in this process, or as a process of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tunelake.errors import Fatal
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.settings import Secret


def sandbox_catalogue(*, artists: int, seed: int, directory: Path | None) -> Catalogue:
    """Open the catalogue that a sandbox is to serve. Raises ConfigError for files it cannot read."""
    from tunelake.sandbox.open import open_catalogue

    return open_catalogue(artists=artists, seed=seed, directory=directory)


def serve_sandbox(config: SandboxConfig, catalogue: Catalogue, ready: Callable[[Ready], None]) -> None:
    """Serve a sandbox and open sources until a signal. Raises ConfigError when the port is busy."""
    from tunelake.sandbox.open_sources.aiohttp_open import OpenConfig, running_open
    from tunelake.sandbox.server.aiohttp_host import serve

    port = free_port(config.port + 1) if config.port else 0
    beside = OpenConfig(host=config.host, port=port, drift=config.drift)
    with running_open(beside, catalogue) as opened:
        urls = {"musicbrainz_url": opened.musicbrainz_url, "listenbrainz_url": opened.listenbrainz_url}
        serve(config, catalogue, lambda told: ready(msgspec.structs.replace(told, **urls)))


@contextmanager
def spawned_sandbox(*, artists: int, seed: int) -> Iterator[dict[str, Any]]:
    """Run a sandbox as a process of its own; give the settings that point to it.

    Raises:
        Fatal: It did not start; the message holds its words.
    """
    command = [sys.executable, "-m", "tunelake", "sandbox", "serve", "--port", "0"]
    command += ["--artists", str(artists), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                words = process.communicate()[1].decode(errors="replace").strip()
                raise Fatal(f"the sandbox did not start: {words}")
            ready = msgspec.json.decode(line, type=Ready)
            yield {
                "spotify_api_url": ready.api_url,
                "musicbrainz_url": ready.musicbrainz_url,
                "listenbrainz_url": ready.listenbrainz_url,
                "spotify_accounts_url": ready.accounts_url,
                "spotify_client_id": ready.client_id,
                "spotify_client_secret": Secret(ready.client_secret),
            }
        finally:
            process.terminate()


def free_port(wanted: int) -> int:
    """Return the wanted port when nobody listens there, else 0 (a free one)."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", wanted)) == 0 else wanted


def sandbox_truth(*, artists: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (artist id, planted group) of the generated world."""
    from tunelake.sandbox.open import open_world

    return open_world(artists=artists, seed=seed).truth()
