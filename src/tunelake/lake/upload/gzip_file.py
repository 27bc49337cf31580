"""A person's file as bytes, unpacked when it is gzip; its failures become plain words here."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import cast

from tunelake.errors import ConfigError

HEAD_BYTES = 65536
_GZIP = b"\x1f\x8b"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Translate what goes wrong while a file is read.

    Raises:
        ConfigError: The file is not there, may not be read, is cut short, damaged, or not UTF-8.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file {path}") from error
    except IsADirectoryError as error:
        raise ConfigError(f"{path} is a folder; name one file") from error
    except PermissionError as error:
        raise ConfigError(f"{path} may not be read: permission denied") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ConfigError(
            f"{path} is a damaged or incomplete gzip file ({error}); nothing was taken"
        ) from error
    except UnicodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8 text ({error}); save it as UTF-8; nothing was taken"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}; nothing was taken") from error


def open_bytes(path: Path) -> BufferedReader:
    """Open a file for reading; gzip is unpacked on the way."""
    file = path.open("rb")
    if not file.peek(2).startswith(_GZIP):
        return file
    file.close()
    return BufferedReader(cast("RawIOBase", gzip.GzipFile(path, "rb")), HEAD_BYTES)
