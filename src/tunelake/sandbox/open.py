"""Which catalogue to serve."""

from __future__ import annotations

from pathlib import Path

from tunelake.errors import ConfigError
from tunelake.sandbox.both import BothCatalogues
from tunelake.sandbox.catalogue import About, Catalogue
from tunelake.sandbox.facts.facts import LABEL, facts_catalogue
from tunelake.sandbox.files.own import own_catalogue
from tunelake.sandbox.world.world import World

MOST_ARTISTS = 5_000_000


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
        return own_catalogue(directory)
    world = open_world(artists=artists, seed=seed)
    about = About(label=f"{world.about.label}, beside {LABEL}", rights="all")
    return BothCatalogues(facts_catalogue(), world, about)


def open_world(*, artists: int, seed: int) -> World:
    """The generated world alone, for its truth.

    Raises:
        ConfigError: When the number is out of range.
    """
    if not 1 <= artists <= MOST_ARTISTS:
        raise ConfigError(f"cannot generate {artists} artists: give a number from 1 to {MOST_ARTISTS}")
    return World(artists=artists, seed=seed)
