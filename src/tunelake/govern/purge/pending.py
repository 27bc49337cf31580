"""A purge that is under way, so that it can be gone on with: the only place that tells whom it is about."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.home import Home
from tunelake.lake.landing.redact_files import Place
from tunelake.lake.places.whole_file import draft_of, write_whole
from tunelake.lake.subjects.keyed import folder
from tunelake.lake.subjects.subject import Subject


class Pending(msgspec.Struct, kw_only=True):
    """A purge that is under way.

    Attributes:
        subject: What is erased.
        began_at: When it began.
        places: Where in the landing log the answers are that say something of it.
        beside: Artists in the stores that are shown with it: they are published anew.
        counts: What was erased so far, by place.
    """

    subject: Subject
    began_at: datetime
    places: list[Place] = []
    beside: list[str] = []
    counts: dict[str, int] = {}


def path_of(home: Home) -> Path:
    """Give the file that tells of a purge under way."""
    return folder(home) / "pending.json"


def read(home: Home) -> Pending | None:
    """Return the purge that is under way; None when there is none.

    Raises:
        ConfigError: The file cannot be read.
    """
    path = path_of(home)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Pending)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}; it tells of a purge that was not finished"
        ) from error


def write(home: Home, pending: Pending) -> None:
    """Note how far a purge is; durable when it returns.

    Raises:
        Fatal: It cannot be written.
    """
    path = path_of(home)
    try:
        write_whole(path, msgspec.json.encode(pending), private=True)
    except OSError as error:
        raise Fatal(f"cannot write {path}: {error.strerror}") from error


def forget(home: Home) -> None:
    """The purge is done, or was never begun."""
    path_of(home).unlink(missing_ok=True)
    draft_of(path_of(home)).unlink(missing_ok=True)
