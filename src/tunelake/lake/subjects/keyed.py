"""Hashes that tell nothing without the key of the home: what is left of an id that was erased."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from tunelake.errors import ConfigError
from tunelake.lake.home import Home

_LENGTH = 32


def folder(home: Home) -> Path:
    """Give the folder of the key, the proofs and what is suppressed; made when missing."""
    path = home.root / "erasure"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


class Key:
    """The key of a home; it never leaves it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hash(self, *parts: str) -> str:
        """Hash texts: 32 hex digits."""
        return hmac.digest(self._secret, "\0".join(parts).encode(errors="surrogatepass"), "sha256")[:16].hex()

    def sign(self, data: bytes) -> str:
        """Give the signature of a document: 64 hex digits."""
        return hmac.digest(self._secret, b"proof\0" + data, "sha256").hex()


def key_of(home: Home) -> Key:
    """Read the key of a home, and make one where there is none.

    Raises:
        ConfigError: It cannot be read or written, or is no key.
    """
    path = folder(home) / "key"
    try:
        if not path.exists():
            draft = path.with_name(f".key.{os.getpid()}")
            draft.write_bytes(b"")
            draft.chmod(0o600)
            draft.write_bytes(secrets.token_bytes(_LENGTH))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was quicker
            finally:
                draft.unlink()
        secret = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot use {path}: {error.strerror}; check its owner") from error
    if len(secret) != _LENGTH:
        raise ConfigError(f"{path} is no key: proofs and what is suppressed cannot be read without it")
    return Key(secret)
