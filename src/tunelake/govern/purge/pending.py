"""A purge that is under way, so that it can be gone on with: the only place that tells whom it is about."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.home import Home
from tunelake.lake.landing.redact_files import Place
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
    draft = path.with_name(".pending.json")
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(msgspec.json.encode(pending))
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(path)
    except OSError as error:
        raise Fatal(f"cannot write {path}: {error.strerror}") from error


def forget(home: Home) -> None:
    """The purge is done, or was never begun."""
    path_of(home).unlink(missing_ok=True)
    path_of(home).with_name(".pending.json").unlink(missing_ok=True)
