"""The only builder of adapters: settings in, parts put together out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.config import Ready, SandboxConfig


def sandbox_catalogue(*, artists: int, seed: int, directory: Path | None) -> Catalogue:
    """Open the catalogue that a sandbox is to serve. Raises ConfigError for files it cannot read."""
    from tunelake.sandbox.open import open_catalogue

    return open_catalogue(artists=artists, seed=seed, directory=directory)


def serve_sandbox(config: SandboxConfig, catalogue: Catalogue, ready: Callable[[Ready], None]) -> None:
    """Serve a sandbox until a signal. Raises ConfigError when the port is busy."""
    from tunelake.sandbox.server.aiohttp_host import serve

    serve(config, catalogue, ready)


def running_sandbox(config: SandboxConfig, catalogue: Catalogue) -> AbstractContextManager[Ready]:
    """Run a sandbox on a thread for as long as the context lasts."""
    from tunelake.sandbox.server.aiohttp_host import running

    return running(config, catalogue)


def sandbox_truth(*, artists: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (artist id, planted group) of the generated world."""
    from tunelake.sandbox.world.truth import truth

    return truth(artists=artists, seed=seed)
