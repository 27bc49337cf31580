"""What marts, similarity and publishing need of a SQL engine, and what runs remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa


class Engine(Protocol):
    """Runs SELECTs over the current tables, and over the marts built so far, by their plain names."""

    def select(self, sql: str) -> pa.Table:
        """Run a SELECT.

        Raises:
            Fatal: The engine refuses it; the message holds the engine's words.
        """

    def table(self, name: str) -> pa.Table:
        """Read a table or mart whole. Raises as `select` does."""

    def has(self, name: str) -> bool:
        """Tell whether there is a table or mart of that name."""

    def build(self, name: str, sql: str) -> int:
        """Compute a model, so that later SELECTs read it by its name; the count of its rows.

        Nothing is kept beyond this engine. Raises as `select` does.
        """

    def save(self, name: str, table: pa.Table) -> None:
        """Keep a table as the mart of that name, in place of the one before; it is visible then."""


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What a kept mart was made of.

    Attributes:
        mart: Its name.
        fingerprint: Of the model that made it.
        inputs: Versions of the tables, and numbers of the marts, that it was made of.
        number: Grows by one when the mart's content changes.
        content: Hash of its content, whatever the order of rows; "" when not known.
        version: Version of the mart as a table once it was kept.
        rows: Its rows.
    """

    mart: str
    fingerprint: str
    inputs: Mapping[str, int]
    number: int
    content: str
    version: int
    rows: int


class Memory(Protocol):
    """Remembers what marts were made of, so that a run does only what changed."""

    def versions(self) -> Mapping[str, int]:
        """Tell the version of every table of the lake, -1 for one that does not exist yet."""

    def version(self, mart: str) -> int:
        """Tell the version of a kept mart, -1 when there is none."""

    def built(self) -> Mapping[str, Built]:
        """Tell what the marts that are kept were made of, by their names."""

    def added(self, table: str, since: int) -> str | None:
        """Give SQL of the rows added to the log of a table since a version; None when nobody can tell."""

    def record(self, built: Sequence[Built]) -> None:
        """Remember what all marts are made of now; those not named are forgotten."""


@runtime_checkable
class Rebuilder(Protocol):
    """What an engine can do that renews a part of a mart.

    Attributes:
        memory: What marts were made of; without it every run does everything.
    """

    memory: Memory | None

    def kept(self, name: str) -> str:
        """Name, in SQL, a mart as the run before kept it, also where one built now hides it."""

    def content(self, name: str) -> str:
        """Hash the rows of a mart, whatever their order."""

    def merge(self, name: str, part: str) -> int:
        """Put new rows of the affected artists (`affected`) in the place of their old ones, as `build`.

        Args:
            name: The mart.
            part: The table of the new rows.
        """

    def keep(self, name: str) -> None:
        """Keep a mart that was built, in place of the one before; it is visible then."""

    def keep_part(self, name: str, part: str) -> None:
        """Keep a mart that was merged."""
