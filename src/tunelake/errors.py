"""One root and four kinds of error; the kind says what to do next."""

from __future__ import annotations

from datetime import datetime


class TunelakeError(Exception):
    """Root of every error that Tunelake raises on purpose.

    The message says what happened, to what, and what to do about it. It never holds a secret.
    """


class ConfigError(TunelakeError):
    """The user has to change something: a setting, an argument, a file. Exit code 2."""


class Retryable(TunelakeError):
    """Not now, but later.

    Attributes:
        until: When to try again (UTC, aware), or None when nobody knows.
    """

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class Skippable(TunelakeError):
    """This one item cannot be had; the run goes on and the ledger names it."""


class Fatal(TunelakeError):
    """The run must stop: to go on would lose or falsify something. Exit code 4."""


def how_to_install(extra: str) -> str:
    """Say how an extra is installed: beside the package, or in a clone, whose environment has no pip."""
    return f"pip install 'tunelake[{extra}]' (in a clone: make extra NAMES={extra})"


def was_interrupted(error: BaseException | None) -> bool:
    """Whether an error is Ctrl-C; DuckDB, met in mid-query, says so with one of its own, maybe translated."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "InterruptException":
            return True
        error = error.__cause__
    return False
