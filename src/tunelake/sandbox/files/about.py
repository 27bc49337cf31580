"""What a person says of their catalogue, in `catalogue.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import About
from tunelake.sandbox.places import MARKETS


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of the file; the rights of a person's own files are the owner's unless they say more."""

    label: str = ""
    rights: str = "owner"
    markets: tuple[str, ...] = MARKETS

    def about(self, directory: Path) -> About:
        """What is shown of the catalogue."""
        return About(label=self.label or f"catalogue {directory.resolve().name}", rights=self.rights)


def read_about(directory: Path) -> Said:
    """The settings, or the usual ones when there is no file.

    Raises:
        ConfigError: When the file cannot be read.
    """
    path = directory / "catalogue.toml"
    if not path.is_file():
        return Said()
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Said)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, OSError) as error:
        raise ConfigError(
            f"{path.name}: {error}; it may hold label and rights (texts) and markets (a list)"
        ) from error
