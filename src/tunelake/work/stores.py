"""The stores that serve, together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunelake.publish.ports import CatalogueStore, DocumentStore, NameFinder, NameIndex


class Stores:
    """The stores that serve.

    Args:
        catalogue: The relational store, or what opens it when it is first used: that may take a second.
        documents: The key-value store.
        names: The search for names; None where the catalogue does that.
    """

    def __init__(
        self,
        catalogue: CatalogueStore | Callable[[], CatalogueStore],
        documents: DocumentStore,
        names: NameIndex | None = None,
    ) -> None:
        self._catalogue = catalogue
        self.documents = documents
        self.names = names

    @cached_property
    def catalogue(self) -> CatalogueStore:
        """The relational store."""
        return self._catalogue() if callable(self._catalogue) else self._catalogue

    @property
    def finder(self) -> NameFinder:
        """What finds artists by name."""
        return self.catalogue if self.names is None else self.names
