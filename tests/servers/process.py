"""How a server of a test is started, waited for and ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_TRIES = 3  # a port that was free may be taken before the server has it
_PAUSE = 0.03


@dataclass(frozen=True)
class Launch:
    """How to start a server, and how to tell that it answers.

    Attributes:
        end: The signal at which it ends at once, with the processes it started: its data are thrown away.
    """

    command: Sequence[str]
    answers: Callable[[], bool]
    user: str | None = None
    folder: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    end: signal.Signals = signal.SIGKILL


class DidNotStartError(Exception):
    """A server ended, or did not answer in time; the message holds its last words."""


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def accepts(port: int) -> bool:
    """Tell whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def needed(part: str, found: str | None) -> str:
    """Return where a program is; skip the test that needs it where it is missing, in CI fail."""
    if found is None:
        message = f"{part} is missing: make system"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@contextmanager
def temporary_folder(owner: str | None = None) -> Iterator[Path]:
    """Give a folder with a short path (sockets lie in it), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tunelake-"))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    name: str, launch: Callable[[], Launch], *, seconds: float = 60
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the context ends.

    Args:
        name: For messages.
        launch: Chooses ports and says how to start; asked again when a port was taken meanwhile.
        seconds: How long it may take to answer.
    """
    process, end = _started(name, launch, seconds)
    try:
        yield process
    finally:
        _end(process, end)


def _started(
    name: str, launch: Callable[[], Launch], seconds: float
) -> tuple[subprocess.Popen[bytes], signal.Signals]:
    words = ""
    for _ in range(_TRIES):
        asked = launch()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                asked.command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=asked.folder,
                env=os.environ | asked.environ,
                user=asked.user,
                start_new_session=True,
            )
            if _answers(process, asked, seconds):
                return process, asked.end
            _end(process, asked.end)
            said.seek(0)
            words = said.read()[-2000:].decode(errors="replace")
    raise DidNotStartError(f"{name} did not start: {words}")


def _answers(process: subprocess.Popen[bytes], asked: Launch, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if asked.answers():
            return process.poll() is None
        time.sleep(_PAUSE)
    return False


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(how)
    process.wait()
