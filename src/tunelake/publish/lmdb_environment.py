"""An LMDB environment that all stores of a folder and process share, and how a new file takes its place."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from tunelake.errors import ConfigError, Fatal

if TYPE_CHECKING:
    import lmdb

_DATA = "data.mdb"


class Shared:
    """An open environment, and how many stores use it.

    A compact copy takes the place of the file under a lock that whoever opens it holds, too; its lock file is
    made anew, for the marks in the old one are of the old file.
    """

    def __init__(self, path: Path, map_size: int) -> None:
        self._path = path
        self._map_size = map_size
        self._transactions = 0
        self.lock = threading.RLock()
        self.users = 0
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._swap = os.open(path / "swap", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ConfigError(f"{path} cannot be opened: {error}") from error
        self._open()

    def _open(self) -> None:
        import lmdb

        fcntl.flock(self._swap, fcntl.LOCK_SH)
        try:
            self.environment = lmdb.open(str(self._path), map_size=self._map_size)
            self.database = self.environment.open_db()
            self._file = self._present()
        except (OSError, lmdb.Error) as error:
            raise ConfigError(f"{self._path} cannot be opened: {error}") from error
        finally:
            fcntl.flock(self._swap, fcntl.LOCK_UN)

    def _present(self) -> int:
        return os.stat(self._path / _DATA).st_ino  # noqa: PTH116  (asked at each read)

    def is_current(self) -> bool:
        """Tell whether what is open is the file that is there."""
        try:
            return self._file == self._present()
        except FileNotFoundError:
            return True  # somebody took the folder away; what is open is all there is

    def renew(self) -> None:
        """Open the file that is there, when it is another and nobody here is in the middle of one."""
        if not self._transactions and not self.is_current():
            self._map_size = self.environment.info()["map_size"]
            self.environment.close()
            self._open()

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep the environment open in the block."""
        self._transactions += 1
        try:
            yield
        finally:
            self._transactions -= 1

    def compact(self) -> None:
        """Put a compact copy in the place of the file; nobody writes meanwhile, readers go on."""
        copy = self._path / "copy"
        rmtree(copy, ignore_errors=True)
        try:
            copy.mkdir()
            with self.environment.begin(write=True) as transaction:  # no writer but this one
                self._fill(copy, transaction)
                fcntl.flock(self._swap, fcntl.LOCK_EX)
                try:
                    (copy / "lock.mdb").replace(self._path / "lock.mdb")
                    (copy / _DATA).replace(self._path / _DATA)
                finally:
                    fcntl.flock(self._swap, fcntl.LOCK_UN)
        except OSError as error:
            raise Fatal(f"{self._path} cannot be written compactly: {error.strerror}") from error
        finally:
            rmtree(copy, ignore_errors=True)
        self.renew()

    def _fill(self, copy: Path, transaction: lmdb.Transaction) -> None:
        """Write each document once more: pages that are copied keep what was deleted in them."""
        import lmdb

        size = self.environment.info()["map_size"]
        with lmdb.open(str(copy), map_size=size) as environment, environment.begin(write=True) as writing:
            for key, text in transaction.cursor():
                writing.put(key, text, append=True)

    def close(self) -> None:
        """Let go of files."""
        self.environment.close()
        os.close(self._swap)


_open: dict[Path, Shared] = {}
_opening = threading.Lock()


def take(path: Path, map_size: int) -> Shared:
    """Give the environment of a folder, opened when nobody in this process has it open.

    Raises:
        ConfigError: It cannot be opened.
    """
    with _opening:
        shared = _open.get(path)
        if shared is None:
            shared = _open[path] = Shared(path, map_size)
        shared.users += 1
        return shared


def let_go(path: Path) -> None:
    """Use it no longer; who lets go last closes it."""
    with _opening:
        shared = _open[path]
        shared.users -= 1
        if not shared.users:
            shared.close()
            del _open[path]
