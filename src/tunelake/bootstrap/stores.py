"""The stores that serve, as the settings name them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.errors import ConfigError
from tunelake.settings import Settings
from tunelake.work.stores import Stores

if TYPE_CHECKING:
    from tunelake.publish.ports import CatalogueStore, DocumentStore, NameIndex

_DOCUMENTS = "lmdb:PATH, redis://HOST:PORT/DATABASE (or rediss, valkey) or dynamodb://TABLE"


def open_stores(settings: Settings, serving: Path) -> Stores:
    """Open the stores of a home; nothing is connected to yet.

    Args:
        settings: Which stores.
        serving: Folder of those that live in the home.

    Raises:
        ConfigError: A setting cannot be understood.
    """

    def catalogue() -> CatalogueStore:
        from tunelake.publish.sqlalchemy_store import SqlCatalogue

        url = settings.catalogue_url.reveal()
        return SqlCatalogue(f"sqlite:{serving / 'catalogue.db'}" if url in {"", "sqlite:"} else url)

    return Stores(
        catalogue, _documents(settings.documents_url.reveal(), serving), _names(settings.names, serving)
    )


def _documents(url: str, serving: Path) -> DocumentStore:
    kind, _, rest = url.partition(":")
    match kind.lower():
        case "" | "lmdb":
            from tunelake.publish.lmdb_store import LmdbDocuments

            return LmdbDocuments(Path(rest.removeprefix("//")) if rest else serving / "documents.lmdb")
        case "redis" | "rediss" | "valkey" | "valkeys":
            from tunelake.publish.valkey_store import ValkeyDocuments

            return ValkeyDocuments(url)
        case "dynamodb":
            from tunelake.publish.dynamodb_store import DynamodbDocuments

            return DynamodbDocuments(url)
        case _:
            raise ConfigError(f"TUNELAKE_DOCUMENTS_URL names a store {kind!r}, but must be {_DOCUMENTS}")


def _names(kind: str, serving: Path) -> NameIndex | None:
    if kind not in {"", "tantivy", "catalogue"}:
        raise ConfigError(f"TUNELAKE_NAMES is {kind!r}, but must be tantivy or catalogue")
    if kind == "catalogue" or (not kind and find_spec("tantivy") is None):
        return None
    from tunelake.publish.tantivy_index import TantivyNames

    return TantivyNames(serving / "names.tantivy")
