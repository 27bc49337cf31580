"""Where a login is kept: the keyring of the system where there is one, else a file for its owner alone."""

from __future__ import annotations

import fcntl
import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tunelake.collect.login.pkce import Login
from tunelake.errors import ConfigError

_SERVICE = "tunelake"
_IN_KEYRING = b'{"kept":"keyring"}'


class LoginFiles:
    """The login of a home: at most one.

    Attributes:
        path: The file; with a keyring it only says that the login is there.
    """

    def __init__(self, root: Path, *, keyring: bool | None = None) -> None:
        """Prepare; nothing is touched.

        Args:
            root: The home.
            keyring: Whether to use the system's keyring; None: where one works.
        """
        self.path = root / "control" / "login.json"
        self._lock = root / "locks" / "login"
        self._keyring = _keyring() if keyring is not False else None

    @property
    def where(self) -> str:
        """Where the tokens are, for people."""
        return "the system's keyring" if self._keyring else str(self.path)

    def read(self) -> Login | None:
        """Return the login, None when nobody is logged in.

        Raises:
            ConfigError: What is kept there is not a login, or cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"cannot read {self.path}: {error.strerror}") from error
        if data == _IN_KEYRING:
            kept = self._keyring.get_password(_SERVICE, str(self.path)) if self._keyring else None
            if kept is None:
                raise ConfigError("the login is in the system's keyring, which is not there: log in again")
            data = kept.encode()
        try:
            return msgspec.json.decode(data, type=Login)
        except msgspec.DecodeError as error:
            raise ConfigError(f"{self.path} is damaged: remove it and log in again") from error

    def write(self, login: Login) -> None:
        """Keep a login in the place of the one before; whole or not at all.

        Raises:
            ConfigError: It cannot be written.
        """
        data = msgspec.json.encode(login)
        if self._keyring:
            self._keyring.set_password(_SERVICE, str(self.path), data.decode())
            data = _IN_KEYRING
        draft = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(file, data)
                os.fsync(file)
            finally:
                os.close(file)
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ConfigError(f"cannot keep the login in {self.path}: {error.strerror}") from error

    def erase(self) -> None:
        """Forget the login."""
        if self._keyring and self.path.is_file() and self.path.read_bytes() == _IN_KEYRING:
            self._keyring.delete_password(_SERVICE, str(self.path))
        self.path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other processes from renewing tokens while the block runs."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _keyring() -> Any:  # noqa: ANN401  an optional package without types
    """The system's keyring; None when the package or the service is not there."""
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring = importlib.import_module("keyring")
    return keyring if keyring.get_keyring().priority > 0 else None
