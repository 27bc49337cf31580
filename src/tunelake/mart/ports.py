"""What marts, similarity and publishing need of a SQL engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
