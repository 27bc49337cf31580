"""Tunelake: a self-hosted music-catalogue data platform.

`tunelake.open().table("artists")` gives the artists of the home that `TUNELAKE_HOME` names, as Arrow.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunelake.bootstrap.tunelake import Tunelake
    from tunelake.lake.home import Kind

__all__ = ["__version__", "open"]
__version__ = "0.1.0"


def open(home: str | Path | None = None, kind: Kind | None = None) -> Tunelake:  # noqa: A001  (`tunelake.open`)
    """Open a home.

    Args:
        home: Its folder; None takes the one the settings name.
        kind: "data" refuses a demo's home, whose made-up data must not mix with others; None takes any.

    Raises:
        ConfigError: A setting cannot be understood, or the folder cannot be a home.
    """
    import msgspec

    from tunelake.bootstrap.tunelake import Tunelake
    from tunelake.settings import load

    settings = load()
    if home is not None:
        settings = msgspec.structs.replace(settings, home=Path(home))
    return Tunelake(settings, kind)
