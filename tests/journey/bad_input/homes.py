"""What a home holds, so that a test can say that nothing was lost and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tunelake.lake.contracts.contract import load
from tunelake.lake.home import Home
from tunelake.lake.lake import Lake
from tunelake.lake.landing.landing_files import LandingFiles

MANY = ("BTS", "aespa", "Björk", "P!nk", "Adele", "Coldplay", "Madonna", "TWICE")
ALL = "albums,tracks,top-tracks,features,related"
# What differs between two homes that collected the same.
OWN = {"observed_at", "expires_at", "page_id", "_hash"}


class Said(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; more or less than one is an error here."""
        return msgspec.json.decode(self.out)


Tell = Callable[..., Said]


def rows(home: Path) -> dict[str, list[str]]:
    """Every row of every table as it is now, without what two homes may differ in."""
    found = {}
    with Lake(home).connect() as connection:
        for table, contract in load().items():
            if table not in {"raw_pages", "quarantine"}:
                columns = ", ".join(f'"{name}"' for name in contract.names if name not in OWN)
                query = f'select {columns} from "{table}" order by all'  # noqa: S608  (names of contracts)
                found[table] = [str(row) for row in connection.sql(query).fetchall()]
    return found


def pages(home: Path) -> int:
    """Count the kept answers; each must be whole, and nothing may stand between them."""
    landing = LandingFiles(Home(home))
    count = sum(1 for _ in landing.pages())
    assert not landing.repairs, "an answer was half-written"
    assert not landing.damages, "an answer is damaged"
    return count


def holds(home: Path, secret: str) -> list[Path]:
    """Name the files of a home that hold a text."""
    return [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def names_of(home: Path) -> set[str]:
    """The names of the artists in a home."""
    with Lake(home).connect() as connection:
        return {row[0] for row in connection.sql("select name from artists").fetchall()}
