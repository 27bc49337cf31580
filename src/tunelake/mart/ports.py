"""What marts, similarity and publishing need of a SQL engine, and what runs remember."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


class Cut(msgspec.Struct, frozen=True):
    """How a mart is kept in parts.

    Attributes:
        cuts: It is cut in 2 to the power of so many parts.
        files: Of each part, by its number, as this machine reads them; empty parts have none.
    """

    cuts: int
    files: Mapping[int, tuple[str, ...]]


class Parts(Protocol):
    """Keeps marts in parts, each of a range of entities, so that a change replaces only its parts."""

    def parts(self, name: str) -> Cut | None:
        """Tell how a mart is cut; None when it is not, or does not exist."""

    def replace(self, name: str, rows: pa.Table, cuts: int) -> None:
        """Put a whole mart in the place of what it was.

        Args:
            name: The mart.
            rows: Sorted by their column `_part`, the number of the part, which is not kept.
            cuts: See `Cut`.
        """

    def change(self, name: str, numbers: Collection[int], rows: pa.Table, version: int) -> None:
        """Put rows in the place of some parts of a mart.

        Args:
            name: The mart.
            numbers: The parts; those of which no rows are given are empty then.
            rows: As for `replace`.
            version: The mart as it was when the parts were read.

        Raises:
            Retryable: Somebody else changed the mart meanwhile; it is as they left it.
        """


class Memory(Protocol):
    """Remembers what marts were made of, so that a run does only what changed."""

    @property
    def kept(self) -> Parts:
        """The marts that are kept in parts."""

    def versions(self) -> Mapping[str, int]:
        """Tell the version of every table of the lake, -1 for one that does not exist yet."""

    def version(self, mart: str) -> int:
        """Tell the version of a kept mart, -1 when there is none."""

    def built(self) -> Mapping[str, Built]:
        """Tell what the marts that are kept were made of, by their names."""

    def log(self, table: str) -> str:
        """Give SQL of the log of a table at the version told, private columns included."""

    def added(self, table: str, since: int) -> str | None:
        """Give SQL of the rows added to the log of a table since a version; None when nobody can tell."""

    def record(self, built: Sequence[Built]) -> None:
        """Remember what all marts are made of now; those not named are forgotten."""


@runtime_checkable
class Rebuilder(Engine, Protocol):
    """An engine that renews a part of a mart.

    Attributes:
        memory: What marts were made of; without it every run does everything.
    """

    memory: Memory | None

    def view(self, name: str, sql: str) -> None:
        """Let later SELECTs read a query by a name; it is computed when it is read."""

    def drop(self, name: str) -> None:
        """Let go of what was built under a name."""

    def kept(self, name: str) -> str:
        """Name, in SQL, a mart as the run before kept it, also where one built now hides it."""

    def kept_near(self, name: str, keys: str) -> str:
        """Name, in SQL, at least those rows of a kept mart that have an `entity_id` of a relation `keys`."""

    def content(self, name: str) -> str:
        """Hash the rows of a mart, whatever their order."""

    def keep(self, name: str, *, in_parts: bool) -> None:
        """Keep a mart that was built, in place of the one before.

        Args:
            name: The mart.
            in_parts: It has an `entity_id`, by which it is cut.
        """

    def keep_part(self, name: str, grain: Sequence[str], gone: str, fresh: str, version: int) -> None:
        """Keep what changed of a mart that was kept before.

        Args:
            name: The mart.
            grain: Columns that name a row.
            gone: Relation of the rows that are no more.
            fresh: Relation of the rows that were not before.
            version: The mart as it was when `gone` was read.

        Raises:
            Retryable: Somebody else changed the mart meanwhile; it is as they left it.
        """
